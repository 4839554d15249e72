// What a try makes of an inversion. A try never waits, so it closes nothing; what it acquired is held like anything else; and
// where the same code blocks on that lock after a failed try, it does wait.
//
// expect: try-second
//   acquisitions 4
//   dependencies 2
//   harmless hold-and-wait 1
//   clean
// expect: both-try-second
//   acquisitions 4
//   dependencies 2
//   harmless hold-and-wait 1
//   clean
// expect: try-first
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: both-try-first
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static const char* how;

static void acquire(pthread_mutex_t* lock, int tries) {
    if (!tries)
        pthread_mutex_lock(lock);
    else if (pthread_mutex_trylock(lock) != 0)
        abort();
}

static int is(const char* word) { return strcmp(how, word) == 0; }

static void* one(void* unused) {
    (void)unused;
    await_turn(0);
    acquire(&a, is("both-try-first"));
    acquire(&b, is("both-try-second"));
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
    give_turn(1);
    return NULL;
}

static void* other(void* unused) {
    (void)unused;
    await_turn(1);
    acquire(is("agreed") ? &a : &b, is("try-first") || is("both-try-first"));
    acquire(is("agreed") ? &b : &a, is("try-second") || is("both-try-second"));
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
