// A join under a lock that the joined thread locked before, in a program that cancels its threads: whoever is cancelled leaves the join or
// ends for it, so the report must not say that it would last for ever without a word of that. Cancelled or not, locks are what they are.
//
// expect: under-lock
//   acquisitions 2
//   dependencies at-least 1
//   finding lock-order-cycle potential edges=2 functions=main,work no=none says=pthread_cancel
// expect: two-locks
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle single-thread edges=2 unsaid=pthread_cancel
// expect: after-unlock
//   acquisitions 2
//   dependencies at-least 0
//   clean

#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;

static void* work(void* locks) {
    if (locks != NULL) {
        pthread_mutex_lock(&m);
        pthread_mutex_unlock(&m);
    }
    give_turn(1);
    for (;;) pthread_testcancel();
    return NULL;
}

static void nest(pthread_mutex_t* outer, pthread_mutex_t* inner) {
    pthread_mutex_lock(outer);
    pthread_mutex_lock(inner);
    pthread_mutex_unlock(inner);
    pthread_mutex_unlock(outer);
}

int main(int count, char** words) {
    pthread_t thread;
    if (count != 2) return 2;
    const int nests = strcmp(words[1], "two-locks") == 0;
    const int joins_under_lock = strcmp(words[1], "under-lock") == 0;
    pthread_create(&thread, NULL, work, nests ? NULL : &m);
    await_turn(1);
    if (nests) {
        nest(&m, &other);
        nest(&other, &m);
    } else {
        pthread_mutex_lock(&m);
    }
    if (!nests && !joins_under_lock) pthread_mutex_unlock(&m);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    if (joins_under_lock) pthread_mutex_unlock(&m);
    return 0;
}
