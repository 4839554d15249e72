// Only mutual exclusion fails: a closed walk of blocking requests by two threads that each hold while they wait, with no
// time-out, but every lock is shared. (The same walk held exclusively is a finding.)
//
// expect: shared
//   acquisitions 4
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean
// expect: exclusive
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b modes=EE,EE

#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_rwlock_t a = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t b = PTHREAD_RWLOCK_INITIALIZER;
static int (*acquire)(pthread_rwlock_t*) = pthread_rwlock_rdlock;

static void* one(void* unused) {
    (void)unused;
    await_turn(0);
    acquire(&a);
    acquire(&b);
    pthread_rwlock_unlock(&b);
    pthread_rwlock_unlock(&a);
    give_turn(1);
    return NULL;
}

static void* other(void* unused) {
    (void)unused;
    await_turn(1);
    acquire(&b);
    acquire(&a);
    pthread_rwlock_unlock(&a);
    pthread_rwlock_unlock(&b);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    if (count == 2 && strcmp(words[1], "exclusive") == 0) acquire = pthread_rwlock_wrlock;
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    return 0;
}
