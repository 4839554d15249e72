// How threads of a test meet: everybody begins at once, nobody sleeps, nobody looks at the clock.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

namespace interlock::testing {

/// `threads` threads run `body(index)`, none before all are there. Returns when all have ended.
template <typename Body>
void together(unsigned threads, Body body) {
    std::atomic<unsigned> waiting{threads};
    std::vector<std::thread> all;
    for (unsigned i = 0; i < threads; ++i) {
        all.emplace_back([&, i] {
            waiting.fetch_sub(1, std::memory_order_acq_rel);
            while (waiting.load(std::memory_order_acquire) != 0) std::this_thread::yield();
            body(i);
        });
    }
    for (std::thread& one : all) one.join();
}

/// Runs `what` on another thread and returns what it returned.
template <typename What>
auto elsewhere(What what) {
    decltype(what()) result{};
    std::thread([&] { result = what(); }).join();
    return result;
}

inline constexpr unsigned many_threads = 64;

}  // namespace interlock::testing
