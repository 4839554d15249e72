// The flag of a condition variable read without its mutex.
#include <condition_variable>
#include <mutex>

#include "tests/programs/race/both.hpp"

// memory: global stop
static std::mutex guard;
static std::condition_variable changed;
static bool stop = false;

int main() {
    both(
        [] {
            const std::lock_guard lock(guard);
            stop = true;
            changed.notify_all();
        },
        [] {
            if (racy) {
                look(stop);
                return;
            }
            std::unique_lock lock(guard);
            changed.wait(lock, [] { return stop; });
        });
}
