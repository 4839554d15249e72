// A thread is cancelled in a condition wait. It owns the mutex again while its clean-up runs, and releases it there (or forgets).
//
// expect: cleans-up
//   acquisitions 3
//   dependencies 0
//   clean
// expect: forgets
//   acquisitions 3
//   dependencies 0
//   finding held-at-thread-exit observed locks=m

#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static int forgets;

static void clean_up(void* unused) {
    (void)unused;
    if (!forgets) pthread_mutex_unlock(&m);
}

static void* waiter(void* unused) {
    pthread_mutex_lock(&m);
    pthread_cleanup_push(clean_up, NULL);
    give_turn(1);
    for (;;) pthread_cond_wait(&never, &m);
    pthread_cleanup_pop(0);
    return unused;
}

int main(int count, char** words) {
    pthread_t thread;
    void* result = NULL;
    forgets = count == 2 && strcmp(words[1], "forgets") == 0;
    pthread_create(&thread, NULL, waiter, NULL);
    await_turn(1);
    // The waiter holds the mutex until it waits: who has it now knows that it does.
    pthread_mutex_lock(&m);
    pthread_mutex_unlock(&m);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    return result == PTHREAD_CANCELED ? 0 : 3;
}
