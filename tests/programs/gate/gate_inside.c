// The third lock is held by both sides at their second request, but each acquires it after its first lock: it guards the pair
// a and b, and closes two real cycles of its own with them.
//
// expect: inside
//   acquisitions 6
//   dependencies 4
//   finding lock-order-cycle potential edges=2 locks=a,gate functions=one,other
//   finding lock-order-cycle potential edges=2 locks=b,gate functions=one,other
//   finding lock-order-cycle guarded edges=2 locks=a,b guards=gate functions=one,other
// expect: agreed
//   acquisitions 6
//   dependencies 4
//   clean

#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static int agreed;

static void* one(void* unused) {
    (void)unused;
    await_turn(0);
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&gate);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&gate);
    pthread_mutex_unlock(&a);
    give_turn(1);
    return NULL;
}

static void* other(void* unused) {
    pthread_mutex_t* first = agreed ? &a : &b;
    pthread_mutex_t* last = agreed ? &b : &a;
    (void)unused;
    await_turn(1);
    pthread_mutex_lock(first);
    pthread_mutex_lock(&gate);
    pthread_mutex_lock(last);
    pthread_mutex_unlock(last);
    pthread_mutex_unlock(&gate);
    pthread_mutex_unlock(first);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    agreed = count == 2 && strcmp(words[1], "agreed") == 0;
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    return 0;
}
