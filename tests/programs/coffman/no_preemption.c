// Only no-preemption fails: one of the two requests gives up by itself after a time-out.
//
// expect: timed
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 locks=a,b timed=1 no=no_preemption
// expect: both-timed
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 locks=a,b timed=2 no=no_preemption
// expect: first-timed
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b timed=0 no=none
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static const char* how;

static void acquire(pthread_mutex_t* lock, int timed) {
    struct timespec end;
    if (!timed) {
        pthread_mutex_lock(lock);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 60;
    if (pthread_mutex_timedlock(lock, &end) != 0) abort();
}

static void* one(void* unused) {
    (void)unused;
    await_turn(0);
    acquire(&a, 0);
    acquire(&b, strcmp(how, "both-timed") == 0);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
    give_turn(1);
    return NULL;
}

static void* other(void* unused) {
    const int agreed = strcmp(how, "agreed") == 0;
    (void)unused;
    await_turn(1);
    acquire(agreed ? &a : &b, strcmp(how, "first-timed") == 0);
    acquire(agreed ? &b : &a, strcmp(how, "timed") == 0 || strcmp(how, "both-timed") == 0);
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&b);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    if (count != 2) return 2;
    how = words[1];
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    return 0;
}
