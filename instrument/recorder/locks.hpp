// What hooks and primitives say of a lock: I request it, I have it, I did not get it, I release it. The recorder's main door.
// Thread-bound; between enter() and leave(), except that the real operation runs outside of both.
//
//      if (agent* self = enter(from.stack_pointer)) { request(...); leave(*self); }
//      result = the real operation
//      if (agent* self = enter(from.stack_pointer)) { acquired(...); leave(*self); }
#pragma once

#include "instrument/recorder/dependencies.hpp"
#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {

/// `flags` and what the agent's situation adds to them.
inline std::uint8_t with_context(const agent& self, std::uint8_t flags) noexcept {
    if (self.signal_depth != 0) flags |= format::lock_flags::in_signal;
    return flags;
}

/// What the record of a request that blocks says besides: after a failed try of the same object, where it is made.
inline std::uint32_t stack_after_try(agent& self, format::object_id object, const call_point& from) noexcept {
    if (__builtin_expect(self.failed_try != object, 1)) return 0;
    self.failed_try = format::object_id::none;
    return format::number(capture_stack(self, from));
}

/// A try failed. Returns what its record says besides: where it was made.
inline std::uint32_t stack_of_failed_try(agent& self, format::object_id object, const call_point& from) noexcept {
    self.failed_try = object;
    return format::number(capture_stack(self, from));
}

/// A request that may block (or, with lock_flags::attempt, may fail): notes the dependency, sets the want.
void request(agent& self, format::object_id object, std::uint8_t flags, const call_point& from) noexcept;

/// The request was granted. `sequence`: the object's number at level full, else 0.
void acquired(agent& self, format::object_id object, std::uint8_t flags, std::uint32_t sequence,
              const call_point& from) noexcept;

/// Was granted without a wait: the request and its being granted in one. No want is set, since the agent did not wait.
void granted(agent& self, format::object_id object, std::uint8_t flags, std::uint32_t sequence, std::uint64_t address,
             const call_point& from) noexcept;

/// Before the request to make the agent's shared hold exclusive, of a lock that grants it: a dependency on what else is held. The share
/// itself is no part of it, since the request does not wait for that.
void note_upgrade_dependency(agent& self, format::object_id object, const call_point& from,
                             const site_entry& site) noexcept;

/// The request was not granted: `error` as the function returned it (EBUSY, ETIMEDOUT, EDEADLK ...).
void not_acquired(agent& self, format::object_id object, std::uint8_t flags, int error,
                  const call_point& from) noexcept;

/// Before a release. True: this agent holds it, and the hold is gone from its book. `sequence` is drawn by the caller at level full.
/// False: it holds it not; call releasing_of_other() now and released_by_other() once the result is known.
bool releasing(agent& self, format::object_id object, std::uint8_t flags, std::uint32_t sequence,
               const call_point& from) noexcept;

/// The same for a hold that is known: entry `index`.
void release_hold(agent& self, std::uint32_t index, std::uint8_t flags, std::uint32_t sequence,
                  const call_point& from) noexcept;

/// A release by an agent that does not hold the lock: who does, and whether that hold is ended.
struct foreign_release {
    format::object_id lock{};
    format::agent_id holder{};
    format::stack_id acquired_at{};  // by the holder; none: not known
    bool ended = false;
    // Set by the caller: the lock itself says that it is held by right, by a call that nobody saw.
    bool acquired_unseen = false;
};

/// Before a release that releasing() knew nothing of. One that `cannot_fail` ends the holder's hold here, so that whatever the
/// holder does once it can know of it (acquire it again, end) comes after.
foreign_release releasing_of_other(agent& self, format::object_id object, bool cannot_fail) noexcept;
/// After it.
void released_by_other(agent& self, const foreign_release& of, std::uint8_t flags, bool success,
                       const call_point& from) noexcept;

/// Before an init over, or a destroy of, the object: said if somebody holds it.
void about_to_init(agent& self, format::object_id object, const call_point& from) noexcept;
void about_to_destroy(agent& self, format::object_id object, const call_point& from) noexcept;

/// Is it held by this agent now?
bool holds(const agent& self, format::object_id object) noexcept;

}  // namespace interlock::recorder
