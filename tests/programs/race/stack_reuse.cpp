// A thread's stack is given to the next thread, which has not waited for the one before. A variable on a stack that lives on is another matter.
#include <pthread.h>

#include <atomic>

#include "tests/programs/race/both.hpp"

static std::atomic<int> running{0};

static void* work(void*) {
    volatile int local[64];
    for (int i = 0; i < 64; ++i) local[i] = i;
    running.fetch_sub(1, std::memory_order_relaxed);
    return nullptr;
}

int main() {
    if (racy) {
        int shared = 0;
        both([&] { ++shared; }, [&] { ++shared; });
        return 0;
    }
    for (int i = 0; i < 20; ++i) {
        running.fetch_add(1, std::memory_order_relaxed);
        pthread_t thread;
        if (pthread_create(&thread, nullptr, work, nullptr) != 0) return 1;
        pthread_detach(thread);
        while (running.load(std::memory_order_relaxed) != 0) std::this_thread::yield();
    }
}
