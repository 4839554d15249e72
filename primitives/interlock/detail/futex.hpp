// The kernel's wait queue under everything here that blocks (futex(2)), by calls that nobody interposes. Words are private to the process.
#pragma once

#include <time.h>

#include <atomic>
#include <climits>
#include <cstdint>

namespace interlock::futex {

using word = std::atomic<std::uint32_t>;

/// Blocks while the 32 bits at `at` are `expected`, until woken, or until `deadline` by `clock` (CLOCK_MONOTONIC or CLOCK_REALTIME; nullptr: no end).
/// May return early at any time: the caller looks again. False: the deadline has passed.
bool wait(const void* at, std::uint32_t expected, clockid_t clock = CLOCK_MONOTONIC,
          const timespec* deadline = nullptr) noexcept;
inline bool wait(const word& at, std::uint32_t expected, clockid_t clock = CLOCK_MONOTONIC,
                 const timespec* deadline = nullptr) noexcept {
    return wait(&at, expected, clock, deadline);
}

/// Wakes up to `count` waiters. The word itself is not touched: it may be gone.
void wake(const void* at, int count) noexcept;
inline void wake(const word& at, int count) noexcept { wake(&at, count); }
inline void wake_one(const word& at) noexcept { wake(at, 1); }
inline void wake_all(const word& at) noexcept { wake(at, INT_MAX); }

}  // namespace interlock::futex
