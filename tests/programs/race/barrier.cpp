// Phases of a barrier: what was written in one may be read in the next.
#include <pthread.h>

#include "tests/programs/race/both.hpp"

static pthread_barrier_t phase;
static int cells[2];

static void work(int own) {
    for (int round = 0; round < 5; ++round) {
        cells[own] = round;
        if (!racy) pthread_barrier_wait(&phase);
        look(cells[1 - own]);
        if (!racy) pthread_barrier_wait(&phase);
    }
}

int main() {
    pthread_barrier_init(&phase, nullptr, 2);
    both([] { work(0); }, [] { work(1); });
    pthread_barrier_destroy(&phase);
}
