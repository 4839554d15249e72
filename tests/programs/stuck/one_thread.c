// A thread that waits for itself: locks that do not let their holder in again, an upgrade, a once that calls itself.
//
// hangs: mutex
//   finding self-deadlock observed edges=1 locks=m threads=main modes=EE no=none
// hangs: adaptive
//   finding self-deadlock observed edges=1 locks=adaptive threads=main modes=EE no=none
// hangs: spinlock
//   finding self-deadlock observed edges=1 locks=s threads=main modes=EE no=none
// hangs: with-others-behind
//   finding self-deadlock observed edges=1 locks=m threads=main modes=EE no=none behind=follower
// hangs: upgrade
//   finding self-deadlock observed edges=1 locks=w threads=main modes=SE no=none
// hangs: semaphore
//   finding stalled observed locks=permit threads=main functions=main
// hangs: once-in-itself
//   finding self-deadlock observed edges=1 locks=flag threads=main no=none
// hangs: c11
//   finding self-deadlock observed edges=1 locks=plain threads=main modes=EE no=none

#include <semaphore.h>
#include <threads.h>

#include "tests/programs/stuck/never_outlives.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t adaptive = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
static pthread_spinlock_t s;
static pthread_rwlock_t w = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t flag = PTHREAD_ONCE_INIT;
static sem_t permit;
static mtx_t plain;

static void initialise(void) { pthread_once(&flag, initialise); }

static void* follower(void* unused) {
    pthread_mutex_lock(&m);
    return unused;
}

int main(int count, char** words) {
    if (is_case(count, words, "mutex")) {
        pthread_mutex_lock(&m);
        pthread_mutex_lock(&m);
    } else if (is_case(count, words, "adaptive")) {
        pthread_mutex_lock(&adaptive);
        pthread_mutex_lock(&adaptive);
    } else if (is_case(count, words, "spinlock")) {
        pthread_spin_init(&s, PTHREAD_PROCESS_PRIVATE);
        pthread_spin_lock(&s);
        pthread_spin_lock(&s);
    } else if (is_case(count, words, "with-others-behind")) {
        pthread_mutex_lock(&m);
        start(follower, "follower", NULL);
        pthread_mutex_lock(&m);
    } else if (is_case(count, words, "upgrade")) {
        pthread_rwlock_rdlock(&w);
        pthread_rwlock_wrlock(&w);
    } else if (is_case(count, words, "semaphore")) {
        sem_init(&permit, 0, 1);
        sem_wait(&permit);
        sem_wait(&permit);
    } else if (is_case(count, words, "once-in-itself")) {
        pthread_once(&flag, initialise);
    } else if (is_case(count, words, "c11")) {
        mtx_init(&plain, mtx_plain);
        mtx_lock(&plain);
        mtx_lock(&plain);
    }
    return 0;
}
