// A mutex destroyed while nothing says that its last user has let go of it.
// memory: global guard
#include <pthread.h>

#include <atomic>

#include "tests/programs/race/both.hpp"

pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

int main() {
    static std::atomic<bool> done{false};
    both(
        [] {
            pthread_mutex_lock(&guard);
            pthread_mutex_unlock(&guard);
            done.store(true, racy ? std::memory_order_relaxed : std::memory_order_release);
        },
        [] {
            while (!done.load(racy ? std::memory_order_relaxed : std::memory_order_acquire)) std::this_thread::yield();
            pthread_mutex_destroy(&guard);
        });
}
