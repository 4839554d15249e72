// What is done before a handler is installed comes before all that it does.
#include <signal.h>
#include <unistd.h>

#include "tests/programs/race/both.hpp"

int prepared = 0;
static int handled = 0;
static int there = 0;

static void handle(int) {
    look(prepared);
    __atomic_store_n(&handled, 1, __ATOMIC_RELAXED);
}

int main() {
    std::thread other([] {
        __atomic_store_n(&there, 1, __ATOMIC_RELAXED);
        while (__atomic_load_n(&handled, __ATOMIC_RELAXED) == 0) usleep(100);
    });
    struct sigaction action = {};
    action.sa_handler = handle;
    if (!racy) prepared = 1;
    sigaction(SIGUSR1, &action, nullptr);
    if (racy) prepared = 1;
    while (__atomic_load_n(&there, __ATOMIC_RELAXED) == 0)
        usleep(100);  // before, it has no place in the order of threads
    pthread_kill(other.native_handle(), SIGUSR1);
    other.join();
}
