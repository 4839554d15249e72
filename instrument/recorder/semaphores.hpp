// What hooks and primitives say of a counting semaphore. One that starts at one is a lock until somebody posts it who does not hold
// it: then it was a signal all along, and holds of it are dropped. Every other is only waited for.
// Thread-bound; the agent is busy. errno is kept.
#pragma once

#include "instrument/recorder/locks.hpp"

namespace interlock::recorder {

/// A life seen to begin with `value`.
format::object_id begin_semaphore(agent& self, const volatile void* address, std::uint32_t value,
                                  const call_point& from) noexcept;
/// The semaphore at this address; at first sight it is born with `value`, its value now.
format::object_id adopt_semaphore(agent& self, const volatile void* address, std::uint32_t value,
                                  const call_point& from) noexcept;

bool is_lock(format::object_id semaphore) noexcept;

/// Before a wait, which may block unless lock_flags::attempt is set.
void request_semaphore(agent& self, format::object_id semaphore, std::uint8_t flags, const call_point& from) noexcept;
/// The wait was granted.
void semaphore_acquired(agent& self, format::object_id semaphore, std::uint8_t flags, const call_point& from) noexcept;
/// Both in one, for a wait that was granted at once: the agent did not wait.
void semaphore_granted(agent& self, format::object_id semaphore, std::uint8_t flags, const call_point& from) noexcept;
/// It was not: EAGAIN, ETIMEDOUT, or EINTR, ECANCELED, EINVAL, which leave no record.
void semaphore_not_acquired(agent& self, format::object_id semaphore, std::uint8_t flags, int error,
                            const call_point& from) noexcept;
/// Before a post.
void semaphore_posting(agent& self, format::object_id semaphore, const call_point& from) noexcept;

}  // namespace interlock::recorder
