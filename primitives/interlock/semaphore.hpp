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
          permits_{static_cast<std::uint32_t>(permits)} {
        assert(permits >= 0 && permits <= max());
    }
    ~counting_semaphore() { record_.end(); }
    counting_semaphore(const counting_semaphore&) = delete;
    counting_semaphore& operator=(const counting_semaphore&) = delete;
    void set_label(label what) noexcept { record_.set_label(what); }

    void acquire() noexcept {
        run(busy_flag(), [this] {
            while (!take()) futex::wait(permits_, 0);
            return true;
        });
    }
    bool try_acquire() noexcept {
        return run(interlock_attempt, [this] { return take(); });
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
        assert(permits >= 0 &&
               permits <= max() - static_cast<std::ptrdiff_t>(permits_.load(std::memory_order_relaxed)));
        for (std::ptrdiff_t i = 0; i < permits; ++i) interlock_v1_semaphore_post(record_.object());
        tools::happens_before(&permits_);
        permits_.fetch_add(static_cast<std::uint32_t>(permits), std::memory_order_release);  // pairs with take()
        futex::wake(permits_, static_cast<int>(permits));
    }

private:
    bool take() noexcept {
        std::uint32_t seen = permits_.load(std::memory_order_relaxed);
        while (seen != 0)
            if (permits_.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire)) return true;
        return false;
    }
    bool acquire_before(const futex::deadline& end) {
        return run(static_cast<std::uint8_t>(interlock_timed | busy_flag()), [&] {
            while (!take())
                if (!futex::wait(permits_, 0, end.clock, &end.at)) return take();
            return true;
        });
    }
    template <typename Take>
    bool run(std::uint8_t flags, Take take_one) {
        const bool told = interlock_v1_semaphore_request(record_.object(), flags);
        const bool done = take_one();
        if (done) tools::happens_after(&permits_);
        if (told && done) interlock_v1_semaphore_acquired(record_.object(), flags);
        if (told && !done)
            interlock_v1_semaphore_not_acquired(record_.object(), flags,
                                                (flags & interlock_attempt) != 0 ? EAGAIN : ETIMEDOUT);
        return done;
    }
    std::uint8_t busy_flag() const noexcept {
        return permits_.load(std::memory_order_relaxed) == 0 ? std::uint8_t{interlock_contended} : std::uint8_t{0};
    }

    detail::record record_;
    futex::word permits_;
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
