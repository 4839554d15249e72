// The plain inversion, in C, with threads that have names: alice locks a then b, bob locks b then a (or, agreed, a then b).
//
// expect: inverted
//   acquisitions 4
//   dependencies 2
//   threads 3
//   finding lock-order-cycle potential edges=2 locks=a,b threads=alice,bob functions=transfer,refund modes=EE,EE
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   threads 3
//   clean

#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static int agreed;

static void transfer(void) {
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
}

static void refund(void) {
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&a);
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&b);
}

static void* alice(void* unused) {
    (void)unused;
    await_turn(0);
    transfer();
    give_turn(1);
    return NULL;
}

static void* bob(void* unused) {
    (void)unused;
    await_turn(1);
    if (agreed)
        transfer();
    else
        refund();
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    agreed = count == 2 && strcmp(words[1], "agreed") == 0;
    pthread_create(&threads[0], NULL, alice, NULL);
    pthread_setname_np(threads[0], "alice");
    pthread_create(&threads[1], NULL, bob, NULL);
    pthread_setname_np(threads[1], "bob");
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    return 0;
}
