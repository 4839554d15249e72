// A condition variable hands data over under its mutex.
#include <condition_variable>
#include <mutex>

#include "tests/programs/race/both.hpp"

static std::mutex guard;
static std::condition_variable changed;
static bool ready = false;
static int value = 0;

int main() {
    both(
        [] {
            if (!racy) value = 1;
            {
                const std::lock_guard lock(guard);
                ready = true;
            }
            if (racy) value = 1;
            changed.notify_one();
        },
        [] {
            std::unique_lock lock(guard);
            changed.wait(lock, [] { return ready; });
            look(value);
        });
}
