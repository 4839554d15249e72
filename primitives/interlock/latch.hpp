// A latch: std's, with a name. Who passes goes on after all who counted down. Reported: waiters for a count that nobody is left to make.
#pragma once

#include <interlock/config.hpp>

#include <latch>

#if INTERLOCK_RECORDS
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

/// As std::latch: counts down to zero once; wait() blocks until then. Precondition: never below zero.
class latch {
public:
    static constexpr std::ptrdiff_t max() noexcept { return 0x7fff'ffff; }

    constexpr explicit latch(std::ptrdiff_t expected, label what = {}) noexcept
        : record_{interlock_latch, what, static_cast<std::uint32_t>(expected)},
          left_{static_cast<std::uint32_t>(expected)} {
        assert(expected >= 0 && expected <= max());
    }
    ~latch() { record_.end(); }
    latch(const latch&) = delete;
    latch& operator=(const latch&) = delete;
    void set_label(label what) noexcept { record_.set_label(what); }

    void count_down(std::ptrdiff_t update = 1) {
        for (std::ptrdiff_t i = 0; i < update; ++i) record_.step(interlock_latch_count_down);
        tools::happens_before(&left_);
        // acq_rel: release pairs with the acquire in is_open(); acquire keeps earlier counts' order
        const std::uint32_t before = left_.fetch_sub(static_cast<std::uint32_t>(update), std::memory_order_acq_rel);
        assert(static_cast<std::ptrdiff_t>(before) >= update);
        if (before == static_cast<std::uint32_t>(update)) futex::wake_all(left_);
    }
    bool try_wait() const noexcept {
        if (!is_open()) return false;
        pass();
        return true;
    }
    void wait() const {
        if (!is_open())
            record_.wait(interlock_latch_wait, 0, [this] {
                for (std::uint32_t left = 0; (left = left_.load(std::memory_order_acquire)) != 0;)
                    futex::wait(left_, left);
                return true;
            });
        pass();
    }
    void arrive_and_wait(std::ptrdiff_t update = 1) {
        count_down(update);
        wait();
    }

private:
    bool is_open() const noexcept { return left_.load(std::memory_order_acquire) == 0; }
    void pass() const noexcept {
        tools::happens_after(&left_);
        record_.step(interlock_latch_pass);
    }

    mutable detail::record record_;
    futex::word left_;
};

#else

class latch : public std::latch {
public:
    constexpr explicit latch(std::ptrdiff_t expected, label = {}) noexcept : std::latch(expected) {}
    void set_label(label) noexcept {}
};
static_assert(detail::costs_the_same<latch, std::latch>);

#endif

}  // namespace interlock::inline INTERLOCK_MODE
