// The plain inversion with nothing but <threads.h>: thrd_create, mtx_lock, thrd_join.
//
// expect: inverted
//   acquisitions 4
//   dependencies 2
//   threads 3
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: joined-between
//   acquisitions 4
//   dependencies 2
//   threads 3
//   finding lock-order-cycle ordered edges=2 locks=a,b functions=forward,backward
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   threads 3
//   clean

#include <string.h>
#include <threads.h>

#include "tests/programs/hand_over.h"

static mtx_t a;
static mtx_t b;

static int forward(void* unused) {
    (void)unused;
    await_turn(0);
    mtx_lock(&a);
    mtx_lock(&b);
    mtx_unlock(&b);
    mtx_unlock(&a);
    give_turn(1);
    return 0;
}

static int backward(void* unused) {
    (void)unused;
    await_turn(1);
    mtx_lock(&b);
    mtx_lock(&a);
    mtx_unlock(&a);
    mtx_unlock(&b);
    return 0;
}

static int agreed(void* unused) {
    (void)unused;
    await_turn(1);
    mtx_lock(&a);
    mtx_lock(&b);
    mtx_unlock(&b);
    mtx_unlock(&a);
    return 0;
}

int main(int count, char** words) {
    thrd_t threads[2];
    if (count != 2) return 2;
    const int between = strcmp(words[1], "joined-between") == 0;
    mtx_init(&a, mtx_plain);
    mtx_init(&b, mtx_plain);
    thrd_create(&threads[0], forward, NULL);
    if (between) thrd_join(threads[0], NULL);
    thrd_create(&threads[1], strcmp(words[1], "agreed") == 0 ? agreed : backward, NULL);
    if (!between) thrd_join(threads[0], NULL);
    thrd_join(threads[1], NULL);
    mtx_destroy(&a);
    mtx_destroy(&b);
    return 0;
}
