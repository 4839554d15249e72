// A thread is cancelled in a condition wait, or has been cancelled already when it comes to one. It owns the mutex again while its
// clean-up runs, and releases it there (or forgets). One that comes to a semaphore's wait so has not acquired it.
//
// expect: cleans-up
//   acquisitions 3
//   dependencies 0
//   clean
// expect: forgets
//   acquisitions 3
//   dependencies 0
//   finding held-at-thread-exit observed locks=m

// expect: before-condition
//   acquisitions 2
//   dependencies 0
//   clean
// expect: before-condition-forgets
//   acquisitions 2
//   dependencies 0
//   finding held-at-thread-exit observed locks=m
// expect: before-semaphore
//   acquisitions 0
//   dependencies 0
//   events semaphore_value 1
//   events semaphore_acquire 0
//   clean

#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static sem_t permit;
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

static void* cancelled_before(void* waits_for_permit) {
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    pthread_cancel(pthread_self());
    if (waits_for_permit != NULL) {
        pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
        sem_wait(&permit);
    } else {
        pthread_mutex_lock(&m);
        pthread_cleanup_push(clean_up, NULL);
        pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
        for (;;) pthread_cond_wait(&never, &m);
        pthread_cleanup_pop(0);
    }
    return NULL;
}

/// Whether the thread was cancelled, and took no permit with it.
static int is_cancelled_before(int waits_for_permit) {
    pthread_t thread;
    void* result = NULL;
    int permits = 0;
    sem_init(&permit, 0, 1);
    pthread_create(&thread, NULL, cancelled_before, waits_for_permit ? &permit : NULL);
    pthread_join(thread, &result);
    sem_getvalue(&permit, &permits);
    return result == PTHREAD_CANCELED && permits == 1;
}

int main(int count, char** words) {
    pthread_t thread;
    void* result = NULL;
    if (count != 2) return 2;
    forgets = strstr(words[1], "forgets") != NULL;
    if (strncmp(words[1], "before", 6) == 0) return is_cancelled_before(strstr(words[1], "semaphore") != NULL) ? 0 : 3;
    pthread_create(&thread, NULL, waiter, NULL);
    await_turn(1);
    // The waiter holds the mutex until it waits: who has it now knows that it does.
    pthread_mutex_lock(&m);
    pthread_mutex_unlock(&m);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    return result == PTHREAD_CANCELED ? 0 : 3;
}
