// Semaphores: std's, with names. Without an owner: any thread may release. One of a single permit that nobody releases who did not acquire
// it is a lock to interlock; every other is waited for. Reported: permits exhausted by threads that hold them and want more.
#pragma once

#include <interlock/config.hpp>

#include <semaphore>

#if INTERLOCK_RECORDS
#include <interlock/detail/deadline.hpp>
#include <interlock/detail/futex.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/detail/tools.hpp>

#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#else
#include <interlock/detail/std_twin.hpp>
#endif

namespace interlock::inline INTERLOCK_MODE {

#if INTERLOCK_RECORDS

/// As std::counting_semaphore. acquire() blocks until there is a permit. Precondition of release: no more permits than max() afterwards.
template <std::ptrdiff_t LeastMax = 0x7fff'ffff>
class counting_semaphore {
    static_assert(LeastMax >= 0 && LeastMax <= 0x7fff'ffff);

public:
    static constexpr std::ptrdiff_t max() noexcept { return LeastMax; }

    constexpr explicit counting_semaphore(std::ptrdiff_t permits, label what = {}) noexcept
        : record_{interlock_semaphore, what, static_cast<std::uint32_t>(permits)},
          state_{static_cast<std::uint64_t>(permits)} {
        assert(permits >= 0 && permits <= max());
    }
    ~counting_semaphore() { record_.end(); }
    counting_semaphore(const counting_semaphore&) = delete;
    counting_semaphore& operator=(const counting_semaphore&) = delete;
    void set_label(label what) noexcept { record_.set_label(what); }

    void acquire() noexcept {
        run(busy_flag(), [this] {
            if (take(permit)) return true;
            state_.fetch_add(waiter, std::memory_order_relaxed);
            while (!take(permit + waiter)) futex::wait(&state_, 0);
            return true;
        });
    }
    bool try_acquire() noexcept {
        return run(interlock_attempt, [this] { return take(permit); });
    }
    template <typename Rep, typename Period>
    bool try_acquire_for(const std::chrono::duration<Rep, Period>& wait_max) {
        return acquire_before(futex::after(wait_max));
    }
    template <typename Clock, typename Duration>
    bool try_acquire_until(const std::chrono::time_point<Clock, Duration>& until) {
        return futex::before(until, [this](const futex::deadline& end) { return acquire_before(end); });
    }
    /// Touches the semaphore no more once a permit is there: its next owner may destroy it.
    void release(std::ptrdiff_t permits = 1) noexcept {
        assert(permits >= 0 && permits <= max() - static_cast<std::ptrdiff_t>(count()));
        for (std::ptrdiff_t i = 0; i < permits; ++i) interlock_v1_semaphore_post(record_.object());
        tools::happens_before(&state_);
        const std::uint64_t before =
            state_.fetch_add(static_cast<std::uint64_t>(permits), std::memory_order_release);  // pairs with take()
        if (before >= waiter) futex::wake(&state_, static_cast<int>(permits));
    }

private:
    // One word, so that who releases knows whether somebody waits without a look at the semaphore afterwards: permits, and above them how many
    // wait or are about to (as glibc's sem_t). The kernel looks at the permits, which come first in memory.
    static_assert(std::endian::native == std::endian::little);
    static constexpr std::uint64_t permit = 1;
    static constexpr std::uint64_t waiter = std::uint64_t{1} << 32;

    std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(state_.load(std::memory_order_relaxed)); }
    /// Takes `what` away if there is a permit.
    bool take(std::uint64_t what) noexcept {
        std::uint64_t seen = state_.load(std::memory_order_relaxed);
        while (static_cast<std::uint32_t>(seen) != 0)
            if (state_.compare_exchange_weak(seen, seen - what, std::memory_order_acquire)) return true;
        return false;
    }
    bool acquire_before(const futex::deadline& end) {
        return run(static_cast<std::uint8_t>(interlock_timed | busy_flag()), [&] {
            if (take(permit)) return true;
            state_.fetch_add(waiter, std::memory_order_relaxed);
            while (!take(permit + waiter))
                if (!futex::wait(&state_, 0, end.clock, &end.at)) {
                    if (take(permit + waiter)) return true;
                    state_.fetch_sub(waiter, std::memory_order_relaxed);
                    return false;
                }
            return true;
        });
    }
    template <typename Take>
    bool run(std::uint8_t flags, Take take_one) {
        const bool told = interlock_v1_semaphore_request(record_.object(), flags);
        const bool done = take_one();
        if (done) tools::happens_after(&state_);
        if (told && done) interlock_v1_semaphore_acquired(record_.object(), flags);
        if (told && !done)
            interlock_v1_semaphore_not_acquired(record_.object(), flags,
                                                (flags & interlock_attempt) != 0 ? EAGAIN : ETIMEDOUT);
        return done;
    }
    std::uint8_t busy_flag() const noexcept {
        return count() == 0 ? std::uint8_t{interlock_contended} : std::uint8_t{0};
    }

    detail::record record_;
    std::atomic<std::uint64_t> state_;
};

#else

template <std::ptrdiff_t LeastMax = std::counting_semaphore<>::max()>
class counting_semaphore : public std::counting_semaphore<LeastMax> {
public:
    constexpr explicit counting_semaphore(std::ptrdiff_t permits, label = {}) noexcept
        : std::counting_semaphore<LeastMax>(permits) {}
    void set_label(label) noexcept {}
};
static_assert(detail::costs_the_same<counting_semaphore<>, std::counting_semaphore<>>);
static_assert(detail::costs_the_same<counting_semaphore<1>, std::binary_semaphore>);

#endif

using binary_semaphore = counting_semaphore<1>;

}  // namespace interlock::inline INTERLOCK_MODE
