// A ticket lock of one's own: relaxed to draw, acquire to be served, release to serve the next.
#include <atomic>

#include "tests/programs/race/both.hpp"

static std::atomic<unsigned> next{0};
static std::atomic<unsigned> serving{0};
static int value = 0;

static void touch() {
    for (int i = 0; i < 30; ++i) {
        const unsigned mine = next.fetch_add(1, std::memory_order_relaxed);
        while (serving.load(racy ? std::memory_order_relaxed : std::memory_order_acquire) != mine)
            std::this_thread::yield();
        ++value;
        serving.store(mine + 1, std::memory_order_release);
    }
}

int main() { both(touch, touch); }
