// A recursive mutex orders by its last release only, and by that for sure.
#include <mutex>

#include "tests/programs/race/both.hpp"

static std::recursive_mutex guard;
static int value = 0;

static void touch() {
    for (int i = 0; i < 20; ++i) {
        std::unique_lock outer(guard);
        { const std::lock_guard inner(guard); }
        if (racy) outer.unlock();
        ++value;
    }
}

int main() { both(touch, touch); }
