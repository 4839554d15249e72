// A handler runs in its thread's order; what it writes is not ordered for another thread.
#include <signal.h>

#include <atomic>

#include "tests/programs/race/both.hpp"

static int count = 0;
static std::atomic<int> told{0};

static void handle(int) {
    ++count;
    told.store(1, racy ? std::memory_order_relaxed : std::memory_order_release);
}

int main() {
    signal(SIGUSR1, handle);
    both([] { raise(SIGUSR1); },
         [] {
             while (told.load(std::memory_order_acquire) == 0) std::this_thread::yield();
             if (count != 1) __builtin_trap();
         });
}
