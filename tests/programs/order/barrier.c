// A barrier's phase lies between the two nestings (ordered), or both come after the same phase (they can overlap), or one side
// never comes to the barrier.
//
// expect: between
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b no=circular_wait
// expect: before-both
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: of-others
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static const char* how;

static void nest(pthread_mutex_t* first, pthread_mutex_t* second) {
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

static void meet(const char* when) {
    if (strcmp(how, when) == 0) pthread_barrier_wait(&barrier);
}

static void* one(void* unused) {
    (void)unused;
    meet("before-both");
    await_turn(0);
    nest(&a, &b);
    give_turn(1);
    meet("between");
    return NULL;
}

static void* other(void* unused) {
    (void)unused;
    meet("before-both");
    meet("between");
    meet("of-others");
    await_turn(1);
    if (strcmp(how, "agreed") == 0)
        nest(&a, &b);
    else
        nest(&b, &a);
    return NULL;
}

static void* third(void* unused) {
    (void)unused;
    meet("of-others");
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[3];
    if (count != 2) return 2;
    how = words[1];
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    pthread_create(&threads[2], NULL, third, NULL);
    for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
    return 0;
}
