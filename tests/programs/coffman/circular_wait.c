// Only the circular wait fails: a gate lets one thread at a time through, a join puts one thread after the other, or a single
// thread does it all. With none of these it is a deadlock in waiting.
//
// expect: gate
//   acquisitions 6
//   dependencies 4
//   finding lock-order-cycle guarded edges=2 locks=a,b guards=gate no=circular_wait
// expect: join
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b no=circular_wait
// expect: alone
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b no=circular_wait
// expect: nothing
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b no=none
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static const char* how;

static void nest(pthread_mutex_t* first, pthread_mutex_t* second) {
    if (strcmp(how, "gate") == 0) pthread_mutex_lock(&gate);
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
    if (strcmp(how, "gate") == 0) pthread_mutex_unlock(&gate);
}

static void* one(void* unused) {
    (void)unused;
    await_turn(0);
    nest(&a, &b);
    if (strcmp(how, "alone") == 0) nest(&b, &a);
    give_turn(1);
    return NULL;
}

static void* other(void* unused) {
    (void)unused;
    await_turn(1);
    if (strcmp(how, "agreed") == 0)
        nest(&a, &b);
    else if (strcmp(how, "alone") != 0)
        nest(&b, &a);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    if (count != 2) return 2;
    how = words[1];
    const int join_first = strcmp(how, "join") == 0;
    pthread_create(&threads[0], NULL, one, NULL);
    if (join_first) pthread_join(threads[0], NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    if (!join_first) pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    return 0;
}
