// Order goes from thread to thread: a to b by a mutex, b to c by a semaphore.
#include <semaphore.h>

#include <atomic>
#include <mutex>

#include "tests/programs/race/both.hpp"

static std::mutex guard;
static bool passed = false;
static sem_t step;
static int value = 0;
static std::atomic<bool> seen{false};

int main() {
    sem_init(&step, 0, 0);
    std::thread a([] {
        value = 1;
        const std::lock_guard lock(guard);
        passed = true;
        seen.store(true, std::memory_order_relaxed);
    });
    std::thread b([] {
        while (!seen.load(std::memory_order_relaxed)) std::this_thread::yield();
        if (!racy) {
            const std::lock_guard lock(guard);
            if (!passed) __builtin_trap();
        }
        sem_post(&step);
    });
    std::thread c([] {
        while (sem_wait(&step) != 0) {
        }
        look(value);
    });
    a.join();
    b.join();
    c.join();
}
