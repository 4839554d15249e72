// A counter with and without its mutex.
#include <mutex>

#include "tests/programs/race/both.hpp"

// memory: global counter
static int counter = 0;
static std::mutex guard;

static void add() {
    for (int i = 0; i < 100; ++i) {
        std::unique_lock lock(guard, std::defer_lock);
        if (!racy) lock.lock();
        ++counter;
    }
}

int main() { both(add, add); }
