// Each thread locks, but not the same lock.
#include <mutex>

#include "tests/programs/race/both.hpp"

static std::mutex one;
static std::mutex other;
static int counter = 0;

static void add(std::mutex& guard) {
    for (int i = 0; i < 25; ++i) {
        const std::lock_guard lock(guard);
        counter += 1;
    }
}

int main() {
    both([] { add(one); }, [] { add(racy ? other : one); });
}
