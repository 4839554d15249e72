// A semaphore orders what lies before a post after the wait that it ends.
#include <semaphore.h>

#include "tests/programs/race/both.hpp"

static sem_t ready;
static int value = 0;

int main() {
    sem_init(&ready, 0, 0);
    both(
        [] {
            if (!racy) value = 1;
            sem_post(&ready);
            if (racy) value = 1;
        },
        [] {
            while (sem_wait(&ready) != 0) {
            }
            look(value);
        });
    sem_destroy(&ready);
}
