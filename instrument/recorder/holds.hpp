// What an agent holds, as entries of its state page and its spill pages: the recorder's own book and, at the same time, what a reader of
// a hung or killed process sees (D3). Thread-bound; the agent is busy.
#pragma once

#include "instrument/recorder/agent.hpp"
#include "instrument/recorder/interning.hpp"
#include "instrument/recorder/system_call.hpp"

namespace interlock::recorder {

/// Enters a hold as entry `index` of a state page, the first one beyond those in use; its callers apart.
/// Order of writes: the entry, then the count, then `moves`.
__attribute__((always_inline)) inline void enter_hold(format::state_page& page, format::held_entry& entry,
                                                      std::uint32_t index, std::uint64_t lead, std::uint64_t address,
                                                      std::uintptr_t site, std::uintptr_t stack_pointer) noexcept {
    entry.address = address;
    entry.site = site;
    entry.stack_pointer = stack_pointer;
    entry.lead = lead;
    page.held_count = index + 1;
    page.moves = page.moves + 1;
}

/// Hash of a held path with this on top (interlock/agent_state.hpp).
inline std::uint64_t path_hash(std::uint64_t below, format::object_id object, std::uint8_t flags,
                               std::uintptr_t site) noexcept {
    constexpr auto relevant = static_cast<std::uint8_t>(~format::lock_flags::contended);
    const std::uint64_t attributes = static_cast<std::uint8_t>(flags & relevant);
    return interlock::path_hash(below, format::number(object) | attributes << 32, site);
}
inline constexpr std::uint64_t empty_path_hash = 1;

/// The same of a hold whose callers are known: they count too.
inline std::uint64_t path_hash(std::uint64_t hash, const std::uint64_t (&callers)[4]) noexcept {
    if (callers[0] != 0)
        for (const std::uint64_t caller : callers) hash = ((hash ^ hash >> 32) + caller) * 0x9E37'79B9'7F4A'7C15 | 1;
    return hash;
}

inline std::uint64_t path_hash(std::uint64_t below, const format::held_entry& entry) noexcept {
    return path_hash(path_hash(below, format::hold_object(entry.lead), format::hold_flags(entry.lead), entry.site),
                     entry.callers);
}

/// Hash of all that is held, in order: the agent's held path. Hashes the entries that are not hashed yet. 0: no memory.
std::uint64_t hash_path(agent& self) noexcept;

/// What was known of the path from entry `from` on no longer holds: another hold comes there, or none between two others.
/// What lies beyond held_count() stays known, since as a rule the same is held again.
inline void forget_path(agent& self, std::uint32_t from) noexcept {
    if (self.path_valid > from) self.path_valid = from;
    if (self.hashed_count > from) self.hashed_count = from;
    if (from == 0) self.first_key = interlock_no_key;
}

/// Enters a hold wherever there is room for one more, with its callers.
void add_hold(agent& self, format::object_id object, std::uint8_t flags, std::uint64_t address, const call_point& from,
              const site_entry& site) noexcept;

/// Index of the innermost hold of `object` or of the lock at `address`, or none_held.
inline constexpr std::uint32_t none_held = ~0u;
std::uint32_t find_hold_at(const agent& self, std::uint64_t address) noexcept;
std::uint32_t find_hold(const agent& self, format::object_id object) noexcept;

/// One recursion more or less. Returns the depth that is left, 0: the hold is gone.
void deepen_hold(agent& self, std::uint32_t index) noexcept;
std::uint32_t lift_hold(agent& self, std::uint32_t index) noexcept;

/// Removes a hold whatever its depth.
void remove_hold(agent& self, std::uint32_t index) noexcept;

/// Puts back what remove_hold took: a condition wait returns.
void restore_hold(agent& self, const format::held_entry& entry) noexcept;

/// Drops holds that another agent's release has ended.
void drop_released_holds(agent& self) noexcept;

/// The want: set before a request can block, cleared after.
inline void set_want(agent& self, format::object_id object, std::uint8_t flags, format::event_kind operation,
                     const call_point& from) noexcept {
    format::state_page& page = *self.page;
    page.want_site = from.site;
    page.want_stack_pointer = from.stack_pointer;
    page.want = format::want_word(object, flags, operation);
    page.moves = page.moves + 1;
}

/// The same, and where it is asked from: a request that finds the lock busy may be the last thing the log sees of its thread, and
/// one with nothing held has no dependency that tells its stack.
inline void set_want(agent& self, format::object_id object, std::uint8_t flags, format::event_kind operation,
                     const call_point& from, const site_entry& site) noexcept {
    if (__builtin_expect((flags & format::lock_flags::contended) != 0, 0)) {
        self.page->want_ticks = time_stamp_counter();
        follow_callers(self, from, site.caller_depth, self.page->want_callers);
        self.page->want_callers_beyond[0] = 0;
    }
    set_want(self, object, flags, operation, from);
}

inline void clear_want(agent& self) noexcept {
    self.page->want = 0;
    self.page->moves = self.page->moves + 1;
}

}  // namespace interlock::recorder
