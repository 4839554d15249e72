// Times of any std clock as the kernel takes them: an absolute time of the steady or the system clock.
#pragma once

#include <time.h>

#include <chrono>

namespace interlock::futex {

struct deadline {
    clockid_t clock;
    timespec at;
};

/// A duration since a clock's epoch; beyond what a timespec holds it is the far future, before the epoch it is the epoch.
template <typename Rep, typename Period>
timespec to_timespec(const std::chrono::duration<Rep, Period>& since) noexcept {
    using namespace std::chrono;
    constexpr seconds far{std::int64_t{1} << 33};  // 272 years
    if (duration<double>(since) > far) return {far.count(), 0};
    if (since <= since.zero()) return {0, 0};
    const auto whole = ceil<nanoseconds>(since);
    return {static_cast<time_t>(whole.count() / 1'000'000'000), static_cast<long>(whole.count() % 1'000'000'000)};
}

/// `from_now` by the steady clock.
template <typename Rep, typename Period>
deadline after(const std::chrono::duration<Rep, Period>& from_now) noexcept {
    using namespace std::chrono;
    constexpr duration<double> far = hours(24 * 365 * 100);
    const auto now = steady_clock::now().time_since_epoch();
    if (duration<double>(from_now) > far) return {CLOCK_MONOTONIC, to_timespec(now + hours(24 * 365 * 100))};
    if (from_now <= from_now.zero()) return {CLOCK_MONOTONIC, {0, 0}};
    return {CLOCK_MONOTONIC, to_timespec(now + ceil<nanoseconds>(from_now))};
}

/// Runs `attempt(deadline)` until it returns true or `until` has passed by its own clock. A clock of the user's is asked again after each.
template <typename Clock, typename Duration, typename Attempt>
bool before(const std::chrono::time_point<Clock, Duration>& until, Attempt attempt) {
    using namespace std::chrono;
    if constexpr (std::is_same_v<Clock, steady_clock>)
        return attempt(deadline{CLOCK_MONOTONIC, to_timespec(until.time_since_epoch())});
    else if constexpr (std::is_same_v<Clock, system_clock>)
        return attempt(deadline{CLOCK_REALTIME, to_timespec(until.time_since_epoch())});
    else {
        do {
            if (attempt(after(until - Clock::now()))) return true;
        } while (Clock::now() < until);
        return false;
    }
}

}  // namespace interlock::futex
