// The main thread joins a thread while it holds a lock that this thread locked earlier in its life: had the thread come later,
// both would wait for ever. A thread's end is what a join requests, so this is a cycle.
//
// expect: under-lock
//   acquisitions 2
//   dependencies at-least 1
//   finding lock-order-cycle potential edges=2 functions=main,work no=none unsaid=pthread_cancel
// expect: under-another-lock
//   acquisitions 2
//   dependencies at-least 1
//   clean
// expect: after-unlock
//   acquisitions 2
//   dependencies at-least 0
//   clean

#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;

static void* work(void* unused) {
    (void)unused;
    pthread_mutex_lock(&m);
    pthread_mutex_unlock(&m);
    give_turn(1);
    return NULL;
}

int main(int count, char** words) {
    pthread_t thread;
    if (count != 2) return 2;
    pthread_mutex_t* held = strcmp(words[1], "under-another-lock") == 0 ? &other : &m;
    pthread_create(&thread, NULL, work, NULL);
    await_turn(1);
    pthread_mutex_lock(held);
    if (strcmp(words[1], "after-unlock") == 0) {
        pthread_mutex_unlock(held);
        pthread_join(thread, NULL);
        return 0;
    }
    pthread_join(thread, NULL);
    pthread_mutex_unlock(held);
    return 0;
}
