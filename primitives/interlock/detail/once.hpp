// A once flag that tells the recorder: who runs the initialiser holds the flag meanwhile, who finds it done goes on after it.
#pragma once

#include <interlock/detail/futex.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/detail/tools.hpp>

#include <functional>
#include <utility>

namespace interlock::inline INTERLOCK_MODE {

/// As std::once_flag. Reported of it: an initialiser that runs call_once of its own flag, or two that wait for each other.
class once_flag {
public:
    constexpr once_flag() noexcept : once_flag(label{}) {}
    constexpr explicit once_flag(label what) noexcept : record_{interlock_once, what} {}
    ~once_flag() { record_.end(); }
    once_flag(const once_flag&) = delete;
    once_flag& operator=(const once_flag&) = delete;
    void set_label(label what) noexcept { record_.set_label(what); }

private:
    template <typename Callable, typename... Arguments>
    friend void call_once(once_flag& flag, Callable&& callable, Arguments&&... arguments);

    enum state : std::uint32_t { fresh, running, done, awaited };  // awaited: running, and others wait

    template <typename Run>
    void run_once(Run run) {
        if (state_.load(std::memory_order_acquire) == done) return pass();
        interlock_v1_once_request(record_.object(), state_.load(std::memory_order_relaxed) != fresh);
        for (;;) {
            std::uint32_t seen = fresh;
            // acquire: pairs with the release in initialise(), also of one that threw
            if (state_.compare_exchange_strong(seen, running, std::memory_order_acquire)) return initialise(run);
            if (seen == done) break;
            if (seen == running && !state_.compare_exchange_strong(seen, awaited, std::memory_order_relaxed)) continue;
            futex::wait(state_, awaited);
        }
        tools::happens_after(&state_);
        interlock_v1_once_passed(record_.object());
    }

    template <typename Run>
    void initialise(Run& run) {
        interlock_v1_once_begun(record_.object());
        struct ending {
            once_flag& flag;
            std::uint32_t state;
            ~ending() {
                if (state == done)
                    interlock_v1_once_done(flag.record_.object());
                else
                    interlock_v1_once_aborted(flag.record_.object());
                tools::happens_before(&flag.state_);
                // release: pairs with the acquire loads in run_once()
                if (flag.state_.exchange(state, std::memory_order_release) == awaited) futex::wake_all(flag.state_);
            }
        } end{*this, fresh};
        run();
        end.state = done;
    }

    /// Told the first time by each thread: a small cache remembers the flags passed. Identities are never used again.
    void pass() {
        constexpr std::size_t size = 16;
        static constinit thread_local std::uint64_t passed[size] = {};
        const std::uint64_t identity = __atomic_load_n(&record_.object()->identity, __ATOMIC_RELAXED);
        std::uint64_t& entry = passed[identity % size];
        if (entry == identity && identity != 0) return;
        tools::happens_after(&state_);
        interlock_v1_once_passed(record_.object());
        entry = __atomic_load_n(&record_.object()->identity, __ATOMIC_RELAXED);
    }

    detail::record record_;
    futex::word state_{fresh};
};

/// As std::call_once: runs `callable` unless some call has done so; waits for one that does. What it throws is thrown to its caller, and another
/// call may try again.
template <typename Callable, typename... Arguments>
void call_once(once_flag& flag, Callable&& callable, Arguments&&... arguments) {
    flag.run_once([&] { std::invoke(std::forward<Callable>(callable), std::forward<Arguments>(arguments)...); });
}

}  // namespace interlock::inline INTERLOCK_MODE
