// status: 0
// A forked child is alone: what the parent's threads did is nothing to it. Threads of its own race as ever.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "tests/programs/race/both.hpp"

static int value = 0;
static std::atomic<bool> over{false};

int main() {
    std::thread other([] {
        value = 1;
        while (!over.load(std::memory_order_relaxed)) std::this_thread::yield();
    });
    const pid_t child = fork();
    if (child == 0) {
        ++value;
        if (racy)
            both([] { ++value; }, [] { ++value; });
        else
            std::thread([] { ++value; }).join();
        exit(0);
    }
    over.store(true, std::memory_order_relaxed);
    other.join();
    int status = 0;
    while (waitpid(child, &status, 0) != child) {
    }
    return 0;
}
