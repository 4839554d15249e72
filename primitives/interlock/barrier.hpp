// A barrier: std's, with a name. Who passes a phase goes on after all who arrived in it. Reported: a party that never comes, a lock held while
// waiting that another party needs.
#pragma once

#include <interlock/config.hpp>

#include <barrier>

#if INTERLOCK_RECORDS
#include <interlock/detail/futex.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/detail/tools.hpp>

#include <cassert>
#include <cstddef>
#include <utility>
#else
#include <interlock/detail/std_twin.hpp>
#endif

namespace interlock::inline INTERLOCK_MODE {

#if INTERLOCK_RECORDS

namespace detail {
struct no_completion {
    void operator()() noexcept {}
};
}  // namespace detail

/// As std::barrier: a phase completes when as many have arrived as are expected; `completion` runs on the thread that arrives last, before
/// anybody passes. Preconditions: no more arrivals in a phase than expected; a token is waited for in its phase or the one after.
template <typename Completion = detail::no_completion>
class barrier {
public:
    class arrival_token {
    public:
        arrival_token(arrival_token&&) = default;
        arrival_token& operator=(arrival_token&&) = default;

    private:
        friend barrier;
        explicit arrival_token(std::uint32_t phase) noexcept : phase_{phase} {}
        std::uint32_t phase_;
    };

    static constexpr std::ptrdiff_t max() noexcept { return 0x7fff'ffff; }

    constexpr explicit barrier(std::ptrdiff_t expected, Completion completion = Completion(), label what = {})
        : record_{interlock_barrier, what, static_cast<std::uint32_t>(expected)},
          expected_{static_cast<std::uint32_t>(expected)},
          left_{static_cast<std::uint32_t>(expected)},
          completion_(std::move(completion)) {
        assert(expected >= 0 && expected <= max());
    }
    constexpr barrier(std::ptrdiff_t expected, label what) : barrier(expected, Completion(), what) {}
    ~barrier() { record_.end(); }
    barrier(const barrier&) = delete;
    barrier& operator=(const barrier&) = delete;
    void set_label(label what) noexcept { record_.set_label(what); }

    [[nodiscard]] arrival_token arrive(std::ptrdiff_t update = 1) {
        assert(update > 0);
        for (std::ptrdiff_t i = 0; i < update; ++i) record_.step(interlock_barrier_arrive);
        return arrive_told(static_cast<std::uint32_t>(update));
    }
    void wait(arrival_token&& token) const {
        if (phase_.load(std::memory_order_acquire) == token.phase_)
            record_.wait(interlock_barrier_arrive, 0, [&] {
                while (phase_.load(std::memory_order_acquire) == token.phase_) futex::wait(phase_, token.phase_);
                return true;
            });
        tools::happens_after(&phase_);
        record_.step(interlock_barrier_complete);
    }
    void arrive_and_wait() { wait(arrive()); }
    void arrive_and_drop() {
        record_.step(interlock_barrier_drop);
        expected_.fetch_sub(1, std::memory_order_relaxed);  // read by who arrives last, ordered by left_
        static_cast<void>(arrive_told(1));
    }

private:
    arrival_token arrive_told(std::uint32_t update) {
        const std::uint32_t phase = phase_.load(std::memory_order_relaxed);
        tools::happens_before(&left_);
        // acq_rel: who arrives last goes on after all others who arrived
        const std::uint32_t before = left_.fetch_sub(update, std::memory_order_acq_rel);
        assert(before >= update);
        if (before == update) {
            tools::happens_after(&left_);
            completion_();
            left_.store(expected_.load(std::memory_order_relaxed), std::memory_order_relaxed);
            tools::happens_before(&phase_);
            phase_.store(phase + 1, std::memory_order_release);  // pairs with wait()
            futex::wake_all(phase_);
        }
        return arrival_token{phase};
    }

    mutable detail::record record_;
    std::atomic<std::uint32_t> expected_;
    std::atomic<std::uint32_t> left_;
    futex::word phase_{0};
    [[no_unique_address]] Completion completion_;
};

#else

/// std::barrier's own default completion.
namespace detail {
template <typename Completion>
struct barrier_twin {
    using type = std::barrier<Completion>;
};
template <>
struct barrier_twin<void> {
    using type = std::barrier<>;
};
}  // namespace detail

template <typename Completion = void>
class barrier : public detail::barrier_twin<Completion>::type {
    using twin = typename detail::barrier_twin<Completion>::type;

public:
    using twin::twin;
    constexpr barrier(std::ptrdiff_t expected, label) : twin(expected) {}
    template <typename Given>
    constexpr barrier(std::ptrdiff_t expected, Given completion, label) : twin(expected, std::move(completion)) {}
    void set_label(label) noexcept {}
};
template <typename Completion>
barrier(std::ptrdiff_t, Completion) -> barrier<Completion>;
barrier(std::ptrdiff_t)->barrier<>;
static_assert(detail::costs_the_same<barrier<>, std::barrier<>>);

#endif

}  // namespace interlock::inline INTERLOCK_MODE
