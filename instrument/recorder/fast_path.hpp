// The shortest way of a lock through the recorder, inlined into whoever acquires and releases: what locks.hpp does, for the common
// case only, at level `order`. All else is passed on to locks.hpp.
//
//      if (agent* self = common_agent())            no operation under way, no handler, nobody listening
//          if (the lock looks free and its try function acquires it) { granted_first(*self, ...); return; }
//      the long way: request, the real function, acquired
//
// What is acquired by a try never blocked, so no want is set for it: a want says that the agent may block. Nothing is noted before
// the try, so a signal handler that comes before it finds no operation under way.
//
// Where nothing is held, lock and unlock cost some 100 instructions more than alone; on top of other holds some 25 more, for one
// rolling hash that is both the key of the dependency and, once granted, the hash of the held path.
#pragma once

#include <algorithm>
#include <iterator>

#include "instrument/recorder/locks.hpp"

namespace interlock::recorder {

/// This thread's agent if the common case is at hand, not entered. nullptr: the long way.
__attribute__((always_inline)) inline agent* common_agent() noexcept {
    agent* self = this_agent;
    // relaxed: a change that is noticed one operation later is early enough
    if (__builtin_expect(self == nullptr, 0) || __builtin_expect(!self->is_idle(), 0) ||
        __builtin_expect(self->common_generation != process.generation->load(std::memory_order_relaxed), 0))
        return nullptr;
    return self;
}

/// May the caller have a frame pointer? Optimised code seldom has what looks like one; then no callers can be followed.
__attribute__((always_inline)) inline bool may_have_frame(std::uintptr_t stack_pointer,
                                                          std::uintptr_t frame_pointer) noexcept {
    constexpr std::uintptr_t frame_size_max = std::uintptr_t{1} << 20;
    return frame_pointer - stack_pointer < frame_size_max;
}

/// May frame pointers lead from here to callers? Optimised code may well keep an address of its stack in that register; the site's
/// first visit has followed it.
__attribute__((always_inline)) inline bool may_follow_callers(agent& self, std::uintptr_t site,
                                                              std::uintptr_t stack_pointer,
                                                              std::uintptr_t frame_pointer) noexcept {
    if (__builtin_expect(!may_have_frame(stack_pointer, frame_pointer), 1)) return false;
    const site_entry* known = known_site(self, site);
    return known == nullptr || known->caller_depth != 0;
}

/// The outermost hold is about to be entered. Is it the one that the path hashes are of?
__attribute__((always_inline)) inline void check_first(agent& self, const format::held_entry& entry, std::uint64_t lead,
                                                       std::uintptr_t site) noexcept {
    if (self.hashed_count != 0 && (self.hashed_first != lead || entry.site != site)) self.hashed_count = 0;
}

/// Does the log tell already that this lock was acquired with nothing else held?
__attribute__((always_inline)) inline bool is_bare_told(const agent& self, format::object_id object,
                                                        std::uint64_t lead) noexcept {
    const bool shared = (format::hold_flags(lead) & format::lock_flags::shared) != 0;
    return self.bare[bare_index(format::number(object), shared)].lead == lead;
}

/// Enters the hold of what was acquired without waiting, where nothing is held yet and no callers can be followed. Precondition:
/// the agent, of common_agent(), is busy. False: nothing was noted.
__attribute__((always_inline)) inline bool granted_first(agent& self, format::object_id object, std::uint8_t flags,
                                                         std::uint64_t address, std::uintptr_t site,
                                                         std::uintptr_t stack_pointer) noexcept {
    format::state_page& page = *self.page;
    format::held_entry& entry = page.held[0];
    // Callers that an earlier hold left in its place are to be overwritten.
    if (__builtin_expect(page.held_count != 0, 0) || __builtin_expect(self.full, 0) ||
        __builtin_expect(entry.callers[0] != 0, 0))
        return false;
    const std::uint64_t lead = format::hold_word(object, flags, 1);
    if (__builtin_expect(!is_bare_told(self, object, lead), 0)) return false;
    check_first(self, entry, lead, site);
    enter_hold(page, entry, 0, lead, address, site, stack_pointer);
    return true;
}

/// The same on top of any holds, none of them of `object`, where the dependency was seen in this segment: then its key becomes the
/// hash of the longer path.
__attribute__((always_inline)) inline bool granted_on_top(agent& self, format::object_id object, std::uint8_t flags,
                                                          std::uint64_t address, std::uintptr_t site,
                                                          std::uintptr_t stack_pointer) noexcept {
    format::state_page& page = *self.page;
    const std::uint32_t count = page.held_count;
    if (__builtin_expect(count >= format::state_held_entries, 0)) return false;
    format::held_entry& entry = page.held[count];
    if (__builtin_expect(entry.callers[0] != 0, 0)) return false;
    const std::uint64_t lead = format::hold_word(object, flags, 1);
    if (count == 0) {
        if (__builtin_expect(!self.full && !is_bare_told(self, object, lead), 0)) return false;
        check_first(self, entry, lead, site);
    } else {
        if (__builtin_expect(self.hashed_count < count, 0) || __builtin_expect(count + 1 >= self.path_hash_capacity, 0))
            return false;
        const std::uint64_t hash = path_hash(self.path_hashes[count], object, flags, site);
        if (__builtin_expect(self.recent[hash >> interlock_recent_shift].key != hash, 0)) return false;
        self.path_hashes[count + 1] = hash;
        self.hashed_count = count + 1;
    }
    enter_hold(page, entry, count, lead, address, site, stack_pointer);
    return true;
}

/// The same from where frame pointers lead to so many callers.
inline bool granted_from(agent& self, format::object_id object, std::uint8_t flags, std::uint64_t address,
                         const call_point& from, std::uint32_t caller_depth) noexcept {
    format::state_page& page = *self.page;
    const std::uint32_t count = page.held_count;
    if (__builtin_expect(count >= format::state_held_entries, 0)) return false;
    format::held_entry& entry = page.held[count];
    const std::uint64_t lead = format::hold_word(object, flags, 1);
    decltype(entry.callers) callers;
    follow_callers(self, from, caller_depth, callers);
    if (count == 0) {
        if (__builtin_expect(!is_bare_told(self, object, lead), 0)) return false;
        check_first(self, entry, lead, from.site);
        if (!std::equal(std::begin(callers), std::end(callers), entry.callers)) self.hashed_count = 0;
    } else {
        if (__builtin_expect(self.hashed_count < count, 0) || __builtin_expect(count + 1 >= self.path_hash_capacity, 0))
            return false;
        const std::uint64_t hash = path_hash(self.path_hashes[count], object, flags, from.site);
        if (__builtin_expect(self.recent[hash >> interlock_recent_shift].key != hash, 0)) return false;
        self.path_hashes[count + 1] = path_hash(hash, callers);
        self.hashed_count = count + 1;
    }
    std::copy(std::begin(callers), std::end(callers), entry.callers);
    enter_hold(page, entry, count, lead, address, from.site, from.stack_pointer);
    return true;
}

/// The last hold, if it is of the lock at `address` and at depth one; else nullptr.
__attribute__((always_inline)) inline format::held_entry* last_hold_of(const agent& self,
                                                                       std::uint64_t address) noexcept {
    const std::uint32_t top = self.page->held_count - 1;
    if (__builtin_expect(top >= format::state_held_entries, 0)) return nullptr;
    format::held_entry& entry = self.page->held[top];
    if (__builtin_expect(entry.address != address, 0) || __builtin_expect(format::hold_depth(entry.lead) != 1, 0) ||
        __builtin_expect(self.gaps != 0, 0))
        return nullptr;
    return &entry;
}

/// Removes it. The agent, of common_agent(), is busy.
__attribute__((always_inline)) inline void release_last(agent& self, format::held_entry& last) noexcept {
    format::state_page& page = *self.page;
    last.lead = 0;
    // Not counted down: somebody who cuts the log may have emptied the page since it was read.
    page.held_count = static_cast<std::uint32_t>(&last - page.held);
    page.moves = page.moves + 1;
}

}  // namespace interlock::recorder
