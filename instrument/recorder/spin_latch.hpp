// Mutual exclusion between the recorder's own slow paths. Never held across a call out of the recorder; a signal handler cannot
// meet its own thread's hold, because an agent at work is marked busy and steps aside (agent.hpp).
#pragma once

#include <atomic>

#include "instrument/recorder/system_call.hpp"

namespace interlock::recorder {

class spin_latch {
public:
    void lock() noexcept {
        // acquire: pairs with the release store in unlock()
        for (unsigned spins = 0; word_.exchange(1, std::memory_order_acquire) != 0; ++spins) {
            if (spins % 64 == 63) yield_processor();
            __builtin_ia32_pause();
        }
    }
    void unlock() noexcept { word_.store(0, std::memory_order_release); }
    /// Only in a forked child, where the holder may not exist.
    void reset() noexcept { word_.store(0, std::memory_order_relaxed); }

private:
    std::atomic<unsigned> word_{0};
};

class spin_guard {
public:
    explicit spin_guard(spin_latch& latch) noexcept : latch_(latch) { latch_.lock(); }
    ~spin_guard() { latch_.unlock(); }
    spin_guard(const spin_guard&) = delete;
    spin_guard& operator=(const spin_guard&) = delete;

private:
    spin_latch& latch_;
};

}  // namespace interlock::recorder
