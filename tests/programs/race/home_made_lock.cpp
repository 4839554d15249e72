// A spin lock of one's own: an exchange that acquires, a store that releases.
#include <atomic>

#include "tests/programs/race/both.hpp"

static std::atomic<bool> taken{false};
static int value = 0;

static void touch() {
    for (int i = 0; i < 30; ++i) {
        while (taken.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
        ++value;
        taken.store(false, racy ? std::memory_order_relaxed : std::memory_order_release);
    }
}

int main() { both(touch, touch); }
