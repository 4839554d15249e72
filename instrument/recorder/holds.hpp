// What an agent holds, as entries of its state page and its spill pages: the recorder's own book and, at the same time, what a reader of
// a hung or killed process sees (D3). Thread-bound; the agent is busy.
#pragma once

#include "instrument/recorder/agent.hpp"
#include "instrument/recorder/interning.hpp"

namespace interlock::recorder {

/// Enters a hold at a place known to be there (the entry that held_count() names).
inline void push_hold(agent& self, format::held_entry& entry, format::object_id object, std::uint8_t flags,
                      std::uint64_t address, const call_point& from, const site_entry& site) noexcept {
    entry.address = address;
    entry.site = from.site;
    entry.stack_pointer = from.stack_pointer;
    if (__builtin_expect((site.caller_depth | entry.callers[0]) != 0, 0))
        follow_callers(self, from, site.caller_depth, entry.callers);
    entry.lead = format::hold_word(object, flags, 1);
    self.page->held_count = self.page->held_count + 1;
    self.page->moves = self.page->moves + 1;
}

/// Sum over the hashes of all holds: what identifies the held set. Hashes those that are not hashed yet.
std::uint64_t hash_holds(agent& self) noexcept;

/// Enters a hold. Order of writes: the entry, then the count, then `moves`.
void add_hold(agent& self, format::object_id object, std::uint8_t flags, const call_point& from,
              const site_entry& site) noexcept;

/// Index of the innermost hold of `object`, or none_held.
inline constexpr std::uint32_t none_held = ~0u;
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
    if (__builtin_expect((flags & format::lock_flags::contended) != 0, 0))
        follow_callers(self, from, site.caller_depth, self.page->want_callers);
    set_want(self, object, flags, operation, from);
}

inline void clear_want(agent& self) noexcept {
    self.page->want = 0;
    self.page->moves = self.page->moves + 1;
}

}  // namespace interlock::recorder
