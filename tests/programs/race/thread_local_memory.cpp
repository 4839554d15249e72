// Thread-local memory is its thread's own, unless its address is given away; the next thread's lies at the same place.
#include <atomic>

#include "tests/programs/race/both.hpp"

static thread_local int own = 0;
static std::atomic<int*> given{nullptr};
static std::atomic<bool> used{false};

int main() {
    if (racy) {
        both(
            [] {
                given.store(&own, std::memory_order_release);
                own = 1;
                while (!used.load(std::memory_order_relaxed)) std::this_thread::yield();
            },
            [] {
                int* other = nullptr;
                while ((other = given.load(std::memory_order_acquire)) == nullptr) std::this_thread::yield();
                *other = 2;
                used.store(true, std::memory_order_relaxed);
            });
        return 0;
    }
    for (int round = 0; round < 3; ++round) both([] { ++own; }, [] { ++own; });
}
