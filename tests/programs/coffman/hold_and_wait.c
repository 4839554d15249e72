// Only hold-and-wait fails: both threads hold one mutex and ask for the other in opposite orders, but one of them only tries,
// so it never waits while it holds. Letting go of the first lock before asking leaves no walk at all.
//
// expect: tries
//   acquisitions 4
//   dependencies 2
//   harmless hold-and-wait 1
//   clean
// expect: lets-go
//   acquisitions 4
//   dependencies 1
//   clean
// expect: waits
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=one,other

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static const char* how;

static void* one(void* unused) {
    (void)unused;
    await_turn(0);
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
    give_turn(1);
    return NULL;
}

static void* other(void* unused) {
    (void)unused;
    await_turn(1);
    pthread_mutex_lock(&b);
    if (strcmp(how, "lets-go") == 0) pthread_mutex_unlock(&b);
    if (strcmp(how, "tries") != 0)
        pthread_mutex_lock(&a);
    else if (pthread_mutex_trylock(&a) != 0)
        abort();
    pthread_mutex_unlock(&a);
    if (strcmp(how, "lets-go") != 0) pthread_mutex_unlock(&b);
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
