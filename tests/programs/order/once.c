// What an initialiser of pthread_once does comes before whatever a thread does after its own call has returned. What the thread that ran
// it had done before does not: the other could have come first and have run it.
//
// expect: after-pass
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle ordered edges=2 locks=a,b no=circular_wait
// expect: without-pass
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: before-call
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: joined-inside
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle ordered edges=2 locks=a,b no=circular_wait
// expect: agreed
//   acquisitions 4
//   dependencies at-least 2
//   clean

#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char* how;

static void nest(pthread_mutex_t* first, pthread_mutex_t* second) {
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

static int is_how(const char* what) { return strcmp(how, what) == 0; }

static void* nest_both(void* unused) {
    nest(&a, &b);
    return unused;
}

static void set_up(void) {
    pthread_t thread;
    if (is_how("before-call")) return;
    if (!is_how("joined-inside")) {
        nest(&a, &b);
        return;
    }
    pthread_create(&thread, NULL, nest_both, NULL);
    pthread_join(thread, NULL);
}

static void* one(void* unused) {
    (void)unused;
    await_turn(0);
    if (is_how("before-call")) nest(&a, &b);
    pthread_once(&once, set_up);
    give_turn(1);
    return NULL;
}

static void* other(void* unused) {
    (void)unused;
    await_turn(1);
    if (!is_how("without-pass")) pthread_once(&once, set_up);
    if (is_how("agreed"))
        nest(&a, &b);
    else
        nest(&b, &a);
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
