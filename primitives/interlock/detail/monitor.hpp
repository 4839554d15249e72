// The lock and the condition inside of queues, pools and loops: plain, on futexes, not recorded. What such a primitive does is told by
// its own steps; its inner lock is held for a few instructions and never across a call of the user's code.
#pragma once

#include <interlock/detail/deadline.hpp>
#include <interlock/detail/futex.hpp>
#include <interlock/detail/tools.hpp>

#include <mutex>

namespace interlock::blocks {

/// Drepper, "Futexes Are Tricky" (2011), mutex 2: 0 free, 1 held, 2 held and somebody may wait.
class monitor_lock {
public:
    void lock() noexcept {
        std::uint32_t seen = 0;
        // acquire: pairs with the exchange in unlock()
        if (!word_.compare_exchange_strong(seen, 1, std::memory_order_acquire, std::memory_order_relaxed))
            while (word_.exchange(2, std::memory_order_acquire) != 0) futex::wait(word_, 2);
        if (__builtin_expect(tools::on_valgrind, 0)) tools::valgrind_acquired(this, sizeof *this, true);
    }
    void unlock() noexcept {
        if (__builtin_expect(tools::on_valgrind, 0)) tools::valgrind_released(this, true);
        if (word_.exchange(0, std::memory_order_release) == 2) futex::wake_one(word_);
    }

private:
    futex::word word_{0};
};

/// A sequence number that each notification moves; waiters sleep while it is as they saw it under the lock.
class monitor_condition {
public:
    bool wait(std::unique_lock<monitor_lock>& held) noexcept { return sleep(held, nullptr); }
    /// False: the deadline has passed.
    bool wait(std::unique_lock<monitor_lock>& held, const futex::deadline& until) noexcept {
        return sleep(held, &until);
    }

    /// The lock is held, so that the number of waiters is exact.
    void notify_one() noexcept { notify(1); }
    void notify_all() noexcept { notify(INT_MAX); }

private:
    bool sleep(std::unique_lock<monitor_lock>& held, const futex::deadline* until) noexcept {
        const std::uint32_t seen = sequence_.load(std::memory_order_relaxed);
        ++waiters_;
        held.unlock();
        const bool in_time =
            until == nullptr ? futex::wait(sequence_, seen) : futex::wait(sequence_, seen, until->clock, &until->at);
        held.lock();
        --waiters_;
        return in_time;
    }
    void notify(int count) noexcept {
        if (waiters_ == 0) return;
        sequence_.fetch_add(1, std::memory_order_relaxed);
        futex::wake(sequence_, count);
    }

    futex::word sequence_{0};
    std::uint32_t waiters_ = 0;
};

}  // namespace interlock::blocks
