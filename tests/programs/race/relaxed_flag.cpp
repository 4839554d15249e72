// A relaxed flag may say that something is done, not that its result can be read.
#include <atomic>

#include "tests/programs/race/both.hpp"

static long result = 0;
static std::atomic<int> done{0};

int main() {
    both(
        [] {
            result = 42;
            done.fetch_add(1, std::memory_order_release);
        },
        [] {
            while (done.load(racy ? std::memory_order_relaxed : std::memory_order_acquire) == 0)
                std::this_thread::yield();
            look(result);
        });
}
