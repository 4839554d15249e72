// A mutex initialised by one thread and locked by another, with nothing between that orders them but the lock itself.
// memory: global guard
#include <pthread.h>

#include <atomic>

#include "tests/programs/race/both.hpp"

pthread_mutex_t guard;

int main() {
    static std::atomic<bool> flag{false};
    both(
        [] {
            pthread_mutex_init(&guard, nullptr);
            flag.store(true, racy ? std::memory_order_relaxed : std::memory_order_release);
        },
        [] {
            while (!flag.load(racy ? std::memory_order_relaxed : std::memory_order_acquire)) std::this_thread::yield();
            pthread_mutex_lock(&guard);
            pthread_mutex_unlock(&guard);
        });
}
