// A detached thread whose end is awaited by a flag: released and acquired, or merely seen.
#include <atomic>

#include "tests/programs/race/both.hpp"

static int result = 0;
static std::atomic<bool> done{false};

int main() {
    std::thread([] {
        result = 1;
        done.store(true, racy ? std::memory_order_relaxed : std::memory_order_release);
    }).detach();
    while (!done.load(std::memory_order_acquire)) std::this_thread::yield();
    return result == 1 ? 0 : 1;
}
