// Relaxed operations and two fences order as a release and an acquire do.
#include <atomic>

#include "tests/programs/race/both.hpp"

static int value = 0;
static std::atomic<int> flag{0};

int main() {
    both(
        [] {
            value = 1;
            if (!racy) std::atomic_thread_fence(std::memory_order_release);
            flag.store(1, std::memory_order_relaxed);
        },
        [] {
            while (flag.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
            std::atomic_thread_fence(std::memory_order_acquire);
            look(value);
        });
}
