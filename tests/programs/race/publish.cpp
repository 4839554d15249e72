// A value published through a flag.
#include <atomic>

#include "tests/programs/race/both.hpp"

// memory: global value
static int value = 0;
static std::atomic<bool> ready{false};

int main() {
    both(
        [] {
            value = 1;
            ready.store(true, racy ? std::memory_order_relaxed : std::memory_order_release);
        },
        [] {
            while (!ready.load(std::memory_order_acquire)) std::this_thread::yield();
            look(value);
        });
}
