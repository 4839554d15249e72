// Events: a flag that threads wait for. Std has none. Recording tells who set it and who passed; off, they are the futex alone.
#pragma once

#include <interlock/detail/deadline.hpp>
#include <interlock/detail/futex.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/detail/tools.hpp>

namespace interlock::inline INTERLOCK_MODE {

namespace detail {

/// What both kinds share. `Consumes`: who passes resets it, so one thread passes for each set().
template <bool Consumes>
class any_event {
public:
    constexpr explicit any_event(label what = {}, bool set = false) noexcept
        : record_{interlock_event, what}, state_{set ? 1u : 0u} {}
    ~any_event() { record_.end(); }
    any_event(const any_event&) = delete;
    any_event& operator=(const any_event&) = delete;
    void set_label(label what) noexcept { record_.set_label(what); }

    /// Setting what is set has no effect. The event is not touched once it is set: who passes may destroy it.
    void set() noexcept {
        record_.step(interlock_event_set);
        tools::happens_before(&state_);
        // release: pairs with pass()
        if (state_.exchange(1, std::memory_order_release) == 0) futex::wake(state_, Consumes ? 1 : INT_MAX);
    }
    void reset() noexcept {
        record_.step(interlock_event_reset);
        state_.store(0, std::memory_order_relaxed);
    }
    bool try_wait() noexcept {
        if (!pass()) return false;
        tell_pass();
        return true;
    }
    /// Blocks until it is set.
    void wait() noexcept {
        if (!pass())
            record_.wait(interlock_event_wait, 0, [this] {
                while (!pass()) futex::wait(state_, 0);
                return true;
            });
        tell_pass();
    }
    /// False: not set in time.
    template <typename Rep, typename Period>
    bool wait_for(const std::chrono::duration<Rep, Period>& wait_max) {
        return wait_before(futex::after(wait_max));
    }
    template <typename Clock, typename Duration>
    bool wait_until(const std::chrono::time_point<Clock, Duration>& until) {
        return futex::before(until, [this](const futex::deadline& end) { return wait_before(end); });
    }

private:
    bool pass() noexcept {
        std::uint32_t seen = 1;
        if constexpr (Consumes)
            return state_.compare_exchange_strong(seen, 0, std::memory_order_acquire);
        else
            return state_.load(std::memory_order_acquire) == 1;
    }
    void tell_pass() noexcept {
        tools::happens_after(&state_);
        record_.step(interlock_event_pass);
    }
    bool wait_before(const futex::deadline& end) {
        bool passed = pass();
        if (!passed)
            passed = record_.wait(interlock_event_wait, interlock_timed, [&] {
                while (!pass())
                    if (!futex::wait(state_, 0, end.clock, &end.at)) return pass();
                return true;
            });
        if (passed) tell_pass();
        return passed;
    }

    [[no_unique_address]] record record_;
    futex::word state_;
};

}  // namespace detail

/// Once set, everybody passes until it is reset.
class manual_reset_event : public detail::any_event<false> {
public:
    using any_event::any_event;
};

/// One thread passes for each set(), which resets it. Sets while it is set are one.
class auto_reset_event : public detail::any_event<true> {
public:
    using any_event::any_event;
};

#if !INTERLOCK_RECORDS
static_assert(sizeof(manual_reset_event) == sizeof(futex::word) && sizeof(auto_reset_event) == sizeof(futex::word));
#endif

}  // namespace interlock::inline INTERLOCK_MODE
