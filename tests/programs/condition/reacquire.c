// A condition wait releases its mutex and requests it again before it returns: whoever holds another lock meanwhile asks for
// the mutex while holding that. The waiter gets b by a try, so the wait alone makes the edge from b to a.
//
// expect: holding
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle potential edges=2 locks=a,b functions=wait_for_it,nest
// expect: holding-nothing
//   acquisitions 5
//   dependencies 1
//   clean

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int is_ready;
static int holding;

static void wait_for_it(void) {
    while (!is_ready) pthread_cond_wait(&ready, &a);
}

static void* waiter(void* unused) {
    (void)unused;
    pthread_mutex_lock(&a);
    if (holding && pthread_mutex_trylock(&b) != 0) abort();
    give_turn(1);
    wait_for_it();
    if (holding) pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
    give_turn(2);
    return NULL;
}

static void* nest(void* unused) {
    (void)unused;
    await_turn(2);
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    holding = count == 2 && strcmp(words[1], "holding") == 0;
    pthread_create(&threads[0], NULL, waiter, NULL);
    pthread_create(&threads[1], NULL, nest, NULL);
    await_turn(1);
    // The waiter holds a until it waits: who has a now knows that it does.
    pthread_mutex_lock(&a);
    is_ready = 1;
    pthread_cond_signal(&ready);
    pthread_mutex_unlock(&a);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    return 0;
}
