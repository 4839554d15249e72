// A barrier orders the phase before, not the phase that it begins.
#include <pthread.h>

#include "tests/programs/race/both.hpp"

static pthread_barrier_t phase;
static int cell = 0;

int main() {
    pthread_barrier_init(&phase, nullptr, 2);
    both(
        [] {
            if (!racy) cell = 1;
            pthread_barrier_wait(&phase);
            if (racy) cell = 1;
            pthread_barrier_wait(&phase);
        },
        [] {
            pthread_barrier_wait(&phase);
            look(cell);
            pthread_barrier_wait(&phase);
        });
    pthread_barrier_destroy(&phase);
}
