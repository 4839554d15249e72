// A spin lock of the system.
#include <pthread.h>

#include "tests/programs/race/both.hpp"

static pthread_spinlock_t guard;
static int value = 0;

static void touch() {
    for (int i = 0; i < 30; ++i) {
        if (!racy) pthread_spin_lock(&guard);
        ++value;
        if (!racy) pthread_spin_unlock(&guard);
    }
}

int main() {
    pthread_spin_init(&guard, PTHREAD_PROCESS_PRIVATE);
    both(touch, touch);
}
