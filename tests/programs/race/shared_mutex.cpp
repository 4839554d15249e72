// A shared hold lets others read; to write under it is a race.
#include <mutex>
#include <shared_mutex>

#include "tests/programs/race/both.hpp"

static std::shared_mutex guard;
static int value = 0;

static void touch() {
    for (int i = 0; i < 20; ++i) {
        if (racy) {
            const std::shared_lock lock(guard);
            ++value;
        } else {
            const std::unique_lock lock(guard);
            ++value;
        }
        const std::shared_lock lock(guard);
        if (value == 0) __builtin_trap();
    }
}

int main() { both(touch, touch); }
