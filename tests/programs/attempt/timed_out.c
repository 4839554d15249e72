// A timed request that really times out, while another thread holds the lock: it was made, so its edge counts, and it gave up.
//
// expect: inverted
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 locks=a,b timed=1 no=no_preemption
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static int agreed;

static void* one(void* unused) {
    const struct timespec past = {1, 0};
    (void)unused;
    await_turn(1);
    pthread_mutex_lock(&a);
    if (pthread_mutex_timedlock(&b, &past) != ETIMEDOUT) abort();
    pthread_mutex_unlock(&a);
    give_turn(2);
    return NULL;
}

static void* other(void* unused) {
    pthread_mutex_t* first = agreed ? &a : &b;
    pthread_mutex_t* second = agreed ? &b : &a;
    (void)unused;
    await_turn(3);
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    agreed = count == 2 && strcmp(words[1], "agreed") == 0;
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    pthread_mutex_lock(&b);
    give_turn(1);
    await_turn(2);
    pthread_mutex_unlock(&b);
    give_turn(3);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    return 0;
}
