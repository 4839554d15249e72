// Many threads in turn, none joined: what one leaves behind is no later one's doing.
#include <atomic>
#include <mutex>

#include "tests/programs/race/both.hpp"

static std::mutex guard;
static int counter = 0;
int last = 0;  // seen from outside, so that its writes stay
static std::atomic<int> ended{0};

int main() {
    for (int i = 0; i < 200; ++i) {
        std::thread([i] {
            {
                const std::lock_guard lock(guard);
                ++counter;
            }
            if (racy) last = i;
            ended.fetch_add(1, std::memory_order_relaxed);
        }).detach();
        while (ended.load(std::memory_order_relaxed) != i + 1) std::this_thread::yield();
    }
    const std::lock_guard lock(guard);
    return counter == 200 ? 0 : 1;
}
