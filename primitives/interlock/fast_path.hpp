// The shortest way of a lock through the recorder, inlined into the code that acquires and releases: what the library's own does
// (instrument/recorder/fast_path.hpp), without a call. It serves the acquisition that did not wait, of an object that is known, by an agent of
// level `order` with no handler and nobody listening, where the log tells already what there is to tell; and the release of what was acquired last.
// All else is the library's: a first use, a new dependency, a wait, a forked child, a level or layout that is another.
//
//      if it was acquired without a wait:  fast_path::granted(&object, flags)      anything: a hold, entered
//      before it is released:              fast_path::released(&object)            false: nothing was noted, ask the library
//
// Thread-bound; keeps errno; signal handlers that interrupt it find an operation under way and step aside, as in the library.
// Cost: some 35 instructions an acquisition, 30 a release, and a dozen more where something is held.
#pragma once

#include <interlock/agent_state.hpp>
#include <interlock/config.hpp>
#include <interlock/recorder.hpp>

// Unoptimised code keeps frame pointers, which only the library follows. Under ThreadSanitizer every agent takes the long way, and the state is
// not to be instrumented.
#if defined(__OPTIMIZE__) && !INTERLOCK_TSAN
#define INTERLOCK_INLINES 1
#else
#define INTERLOCK_INLINES 0
#endif

namespace interlock::inline INTERLOCK_MODE::fast_path {

using frame_record = const std::uintptr_t*;  // the saved rbp, then the return address

/// The call of a function that is not inlined, by its frame. `site`: of here(), or 0: that call itself.
__attribute__((always_inline)) inline interlock_place caller_of(frame_record frame, std::uintptr_t site) noexcept {
    return {site != 0 ? site : frame[1], reinterpret_cast<std::uintptr_t>(frame + 2), frame[0], frame[1]};
}

__attribute__((noinline, cold)) inline void tell_library(interlock_object* object, std::uint8_t flags,
                                                         frame_record frame, std::uintptr_t site) noexcept {
    const interlock_place from = caller_of(frame, site);
    interlock_v1_granted_at(object, flags, &from);
}

#if INTERLOCK_INLINES

/// The place that this is inlined into. volatile: another one each time, wherever the same is inlined twice.
__attribute__((always_inline)) inline std::uintptr_t here() noexcept {
    std::uintptr_t site = 0;
    asm volatile("lea 1f(%%rip), %0\n1:" : "=r"(site));
    return site;
}

/// Against the compiler only: a handler of this thread must see the mark first and its end last, a reader of the page the hold before its count.
__attribute__((always_inline)) inline void in_order() noexcept { asm volatile("" ::: "memory"); }

/// This thread's agent, if this way is open to it; else nullptr. Of any other not even the layout is known.
__attribute__((always_inline)) inline interlock_agent_state* open_agent() noexcept {
    interlock_agent_state* const self = interlock_v1_agent;
    if (__builtin_expect(self->busy != interlock_agent_idle, 0)) return nullptr;
    // relaxed: a change that is noticed one operation later is early enough
    const std::uint32_t now = __atomic_load_n(self->process_generation, __ATOMIC_RELAXED);
    return __builtin_expect(self->open_generation != now, 0) ? nullptr : self;
}

/// As the recorder's own. Returns the stack pointer.
__attribute__((always_inline)) inline std::uintptr_t mark_busy(interlock_agent_state& self) noexcept {
    std::uintptr_t stack_pointer = 0;
    asm("mov %%rsp, %0" : "=r"(stack_pointer));
    self.busy = stack_pointer - 16;
    in_order();
    return stack_pointer;
}

/// Enters a hold, of whose entry all else is written, as the last one; and ends the operation.
__attribute__((always_inline)) inline void enter(interlock_agent_state& self, std::uint32_t count, std::uint64_t lead,
                                                 std::uintptr_t stack_pointer) noexcept {
    interlock_state_page& page = *self.present;
    page.held[count].stack_pointer = stack_pointer;
    page.held[count].lead = lead;
    in_order();
    page.held_count = count + 1;
    in_order();
    page.moves = page.moves + 1;
    in_order();
    self.busy = interlock_agent_idle;
}

/// May frame pointers lead from there to callers? Optimised code may well keep an address of its stack where one would be; the library has looked.
__attribute__((noinline, cold)) inline bool may_follow_callers(const interlock_agent_state& self, frame_record frame,
                                                               std::uintptr_t site) noexcept {
    constexpr std::uintptr_t frame_size_max = std::uintptr_t{1} << 20;
    if (frame[0] - reinterpret_cast<std::uintptr_t>(frame + 2) >= frame_size_max) return false;
    const interlock_site& known = self.sites[site_index(site)];
    const std::uint64_t epoch = __atomic_load_n(self.site_epoch, __ATOMIC_RELAXED);
    return known.key != site_key(site, epoch) || known.caller_depth != 0;
}

__attribute__((always_inline)) inline std::uint64_t key_of(const interlock_object* object, bool shared) noexcept {
    const std::uint64_t identity = __atomic_load_n(&object->identity, __ATOMIC_RELAXED);
    return shared ? identity ^ interlock_shared_key : identity;
}

/// Lead of a hold on top of so many others, where the log tells the dependency already; 0: it may have to be told.
__attribute__((always_inline)) inline std::uint64_t lead_on_top(interlock_agent_state& self, std::uint32_t count,
                                                                std::uint64_t key, std::uintptr_t site) noexcept {
    if (__builtin_expect(self.hashed_count < count, 0) || __builtin_expect(key >> 32 != self.life, 0)) return 0;
    const std::uint64_t hash = path_hash(self.path_hashes[count], static_cast<std::uint32_t>(key), site);
    const interlock_told& told = self.recent[hash >> interlock_recent_shift];
    if (__builtin_expect(told.key != hash, 0)) return 0;
    self.path_hashes[count + 1] = hash;
    self.hashed_count = count + 1;
    return told.lead;
}

/// The same with nothing held.
__attribute__((always_inline)) inline std::uint64_t lead_of_first(interlock_agent_state& self, std::uint64_t key,
                                                                  bool shared, std::uintptr_t site) noexcept {
    const interlock_told& told = self.bare[bare_index(key, shared)];
    if (__builtin_expect(told.key != key, 0)) return 0;
    self.first_key = key;
    self.first_lead = told.lead;
    if (self.hashed_first != told.lead || self.present->held[0].site != site) self.hashed_count = 0;
    self.hashed_first = told.lead;
    return told.lead;
}

/// Enters any hold from a place whose callers are not to be followed. The agent is busy.
__attribute__((always_inline)) inline void enter_any(interlock_agent_state& self, interlock_object* object,
                                                     std::uint8_t flags, frame_record frame,
                                                     std::uintptr_t site) noexcept {
    const bool shared = (flags & interlock_shared) != 0;
    const std::uint32_t count = self.present->held_count;
    const std::uint64_t key = key_of(object, shared);
    std::uint64_t lead = 0;
    if (__builtin_expect(count == 0, 0))
        lead = lead_of_first(self, key, shared, site);
    else if (__builtin_expect(!shared, 1))  // a reader may have the lock already
        lead = lead_on_top(self, count, key, site);
    if (__builtin_expect(lead == 0, 0)) {
        self.busy = interlock_agent_idle;
        return tell_library(object, flags, frame, site);
    }
    self.present->held[count].address = reinterpret_cast<std::uint64_t>(object);
    self.present->held[count].site = site;
    enter(self, count, lead, reinterpret_cast<std::uintptr_t>(frame + 2));
}

/// The same from where another place acquired when so many were held last. Callers that it left are to be overwritten.
__attribute__((noinline)) inline void enter_from_new(interlock_agent_state& self, interlock_object* object,
                                                     std::uint8_t flags, frame_record frame,
                                                     std::uintptr_t site) noexcept {
    const std::uint32_t count = self.present->held_count;
    if (count < self.room && self.present->held[count].callers[0] == 0 && !may_follow_callers(self, frame, site))
        return enter_any(self, object, flags, frame, site);
    self.busy = interlock_agent_idle;
    tell_library(object, flags, frame, site);
}

/// What granted() leaves: any hold that is not as the last one was. The agent is busy, or none.
__attribute__((noinline)) inline void granted_otherwise(interlock_agent_state* self, interlock_object* object,
                                                        std::uint8_t flags, std::uintptr_t site) noexcept {
    const auto* const frame = static_cast<frame_record>(__builtin_frame_address(0));
    if (__builtin_expect(self == nullptr, 0)) return tell_library(object, flags, frame, site);
    const std::uint32_t count = self->present->held_count;
    if (__builtin_expect(count >= self->room, 0) || __builtin_expect(self->present->held[count].site != site, 0) ||
        __builtin_expect(self->present->held[count].callers[0] != 0, 0))
        return enter_from_new(*self, object, flags, frame, site);
    enter_any(*self, object, flags, frame, site);
}

/// The calling agent has acquired the lock, exclusively or `interlock_shared`, without waiting: a request would have been granted as well.
/// `site`: of here().
__attribute__((always_inline)) inline void granted(interlock_object* object, std::uint8_t flags,
                                                   std::uintptr_t site) noexcept {
    interlock_agent_state* const self = open_agent();
    if (__builtin_expect(self != nullptr, 1)) {
        const std::uintptr_t stack_pointer = mark_busy(*self);
        const interlock_state_page& page = *self->present;
        // Nothing is held, and it was the same from the same place last time, when frame pointers led nowhere: the entry is as it was left.
        if (__builtin_expect(page.held_count == 0, 1) && __builtin_expect(page.held[0].site == site, 1) &&
            __builtin_expect(self->first_key == key_of(object, (flags & interlock_shared) != 0), 1))
            return enter(*self, 0, self->first_lead, stack_pointer);
    }
    granted_otherwise(self, object, flags, site);
}

/// The calling agent is about to release the lock. False: nothing was noted.
__attribute__((always_inline)) inline bool released(const interlock_object* object) noexcept {
    interlock_agent_state* const self = open_agent();
    if (__builtin_expect(self == nullptr, 0)) return false;
    mark_busy(*self);
    interlock_state_page& page = *self->present;
    const std::uint32_t last = page.held_count - 1;
    bool found = false;
    if (__builtin_expect(last < self->room, 1)) {
        interlock_hold& hold = page.held[last];
        const std::uint64_t lead = hold.lead;
        const std::uint64_t identity = __atomic_load_n(&object->identity, __ATOMIC_RELAXED);
        found = hold.address == reinterpret_cast<std::uint64_t>(object) &&
                static_cast<std::uint32_t>(lead) == static_cast<std::uint32_t>(identity) &&
                static_cast<std::uint16_t>(lead >> 40) == 1;  // held once, and not ended by another agent's release
        if (__builtin_expect(found, 1)) {
            hold.lead = 0;
            in_order();
            page.held_count = last;
            in_order();
            page.moves = page.moves + 1;
        }
    }
    in_order();
    self->busy = interlock_agent_idle;
    return found;
}

#else

__attribute__((always_inline)) inline void granted(interlock_object* object, std::uint8_t flags,
                                                   std::uintptr_t) noexcept {
    interlock_v1_granted(object, flags);
}
/// That of the call into the library.
__attribute__((always_inline)) inline std::uintptr_t here() noexcept { return 0; }
__attribute__((always_inline)) inline bool released(const interlock_object*) noexcept { return false; }

#endif

}  // namespace interlock::inline INTERLOCK_MODE::fast_path
