// A ring of three edges of which one thread makes two, at two different times: it cannot hold both at once, so the ring cannot
// close with two threads. A third thread makes it real.
//
// expect: two-threads
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle single-thread edges=3 locks=a,b,c no=circular_wait
// expect: three-threads
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle potential edges=3 locks=a,b,c no=none
// expect: agreed
//   acquisitions 6
//   dependencies 3
//   clean

#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t c = PTHREAD_MUTEX_INITIALIZER;
static const char* how;

static void nest(pthread_mutex_t* first, pthread_mutex_t* second) {
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

static void* one(void* unused) {
    (void)unused;
    await_turn(0);
    nest(&a, &b);
    if (strcmp(how, "three-threads") != 0) nest(&b, &c);
    give_turn(1);
    return NULL;
}

static void* other(void* unused) {
    (void)unused;
    await_turn(1);
    if (strcmp(how, "agreed") == 0)
        nest(&a, &c);
    else
        nest(&c, &a);
    give_turn(2);
    return NULL;
}

static void* third(void* unused) {
    (void)unused;
    await_turn(2);
    if (strcmp(how, "three-threads") == 0) nest(&b, &c);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[3];
    if (count != 2) return 2;
    how = words[1];
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    pthread_create(&threads[2], NULL, third, NULL);
    for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
    return 0;
}
