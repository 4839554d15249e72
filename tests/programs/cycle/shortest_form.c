// One thread nests a, b and c; the other holds c and wants a. The walk a, b, c, a is the same defect as a, c, a, since the
// first thread holds both ends at once: the shortest form is told, the longer one counts under it.
//
// expect: inverted
//   acquisitions 5
//   dependencies 3
//   finding lock-order-cycle potential edges=2 locks=a,c functions=nest,turn_back
// expect: agreed
//   acquisitions 5
//   dependencies 3
//   clean

#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t c = PTHREAD_MUTEX_INITIALIZER;
static int agreed;

static void* nest(void* unused) {
    (void)unused;
    await_turn(0);
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&c);
    pthread_mutex_unlock(&c);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
    give_turn(1);
    return NULL;
}

static void* turn_back(void* unused) {
    pthread_mutex_t* held = agreed ? &a : &c;
    pthread_mutex_t* wanted = agreed ? &c : &a;
    (void)unused;
    await_turn(1);
    pthread_mutex_lock(held);
    pthread_mutex_lock(wanted);
    pthread_mutex_unlock(wanted);
    pthread_mutex_unlock(held);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    agreed = count == 2 && strcmp(words[1], "agreed") == 0;
    pthread_create(&threads[0], NULL, nest, NULL);
    pthread_create(&threads[1], NULL, turn_back, NULL);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    return 0;
}
