// A sequence lock: its data must be atomic, however relaxed, since a reader may look while it is written.
#include <atomic>

#include "tests/programs/race/both.hpp"

static std::atomic<unsigned> sequence{0};
static std::atomic<int> data{0};
static int plain = 0;

static void write_some() {
    for (int i = 1; i <= 50; ++i) {
        sequence.fetch_add(1, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        if (racy)
            plain = i;
        else
            data.store(i, std::memory_order_relaxed);
        sequence.fetch_add(1, std::memory_order_release);
    }
}

static void read_some() {
    if (racy) look(plain);
    for (int tries = 0; tries < 50; ++tries) {
        const unsigned before = sequence.load(std::memory_order_acquire);
        const int seen = racy ? plain : data.load(std::memory_order_relaxed);
        look(seen);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (before % 2 == 0 && sequence.load(std::memory_order_relaxed) == before && seen < 0) __builtin_trap();
    }
}

int main() { both(write_some, read_some); }
