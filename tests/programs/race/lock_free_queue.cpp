// One producer, one consumer, a ring: the indices order the cells.
#include <atomic>

#include "tests/programs/race/both.hpp"

static int cells[4];
static std::atomic<unsigned> written{0};
static std::atomic<unsigned> taken{0};
static constexpr auto publish = racy ? std::memory_order_relaxed : std::memory_order_release;

int main() {
    both(
        [] {
            for (unsigned i = 0; i < 40; ++i) {
                while (i - taken.load(std::memory_order_acquire) == 4) std::this_thread::yield();
                cells[i % 4] = static_cast<int>(i);
                written.store(i + 1, publish);
            }
        },
        [] {
            for (unsigned i = 0; i < 40; ++i) {
                while (written.load(std::memory_order_acquire) == i) std::this_thread::yield();
                look(cells[i % 4]);
                taken.store(i + 1, std::memory_order_release);
            }
        });
}
