// The gate is a binary semaphore that only its holder posts: a lock like any other, so it guards. Starting at two it lets both
// in and guards nothing.
//
// expect: 1
//   acquisitions 6
//   dependencies 4
//   finding lock-order-cycle guarded edges=2 locks=a,b guards=gate
// expect: 2
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: 1 agreed
//   acquisitions 6
//   dependencies 4
//   clean

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "tests/programs/hand_over.h"

static sem_t gate;
static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static int agreed;

static void nest(pthread_mutex_t* first, pthread_mutex_t* second) {
    sem_wait(&gate);
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
    sem_post(&gate);
}

static void* one(void* unused) {
    (void)unused;
    await_turn(0);
    nest(&a, &b);
    give_turn(1);
    return NULL;
}

static void* other(void* unused) {
    (void)unused;
    await_turn(1);
    nest(agreed ? &a : &b, agreed ? &b : &a);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    if (count < 2) return 2;
    sem_init(&gate, 0, (unsigned)strtoul(words[1], NULL, 10));
    agreed = count > 2;
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    sem_destroy(&gate);
    return 0;
}
