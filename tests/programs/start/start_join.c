// Two opposite nestings, put one after the other by start and join in every way there is; and the ways that look alike and
// order nothing.
//
// expect: join-between
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b no=circular_wait
// expect: before-start
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b
// expect: after-join
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b
// expect: by-grandchild
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b
// expect: between
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: before-and-between
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: joins-another
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: detached
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

static void nest(pthread_mutex_t* first, pthread_mutex_t* second) {
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

static void* forward(void* unused) {
    (void)unused;
    nest(&a, &b);
    return NULL;
}

static void* backward(void* unused) {
    (void)unused;
    nest(&b, &a);
    return NULL;
}

static void* idle(void* unused) {
    (void)unused;
    return NULL;
}

/// Nests, then starts and joins a thread that nests backward: its own nesting lies before that thread's start.
static void* forward_then_start(void* unused) {
    pthread_t child;
    nest(&a, &b);
    pthread_create(&child, NULL, backward, NULL);
    pthread_join(child, NULL);
    return unused;
}

/// Nests and says so by a plain flag, which orders nothing.
static void* forward_then_flag(void* unused) {
    await_turn(1);
    nest(&a, &b);
    give_turn(2);
    return unused;
}

static void run(void* (*body)(void*)) {
    pthread_t thread;
    pthread_create(&thread, NULL, body, NULL);
    pthread_join(thread, NULL);
}

/// The main thread nests backward while the other thread lives, before it is joined.
static void beside(int before, int another, int detached) {
    pthread_t thread;
    if (before) nest(&b, &a);
    pthread_create(&thread, NULL, forward_then_flag, NULL);
    if (detached) pthread_detach(thread);
    give_turn(1);
    await_turn(2);
    if (another) run(idle);
    nest(&b, &a);
    if (!detached) pthread_join(thread, NULL);
}

int main(int count, char** words) {
    if (count != 2) return 2;
    const char* how = words[1];
    if (strcmp(how, "join-between") == 0) {
        run(forward);
        run(backward);
    } else if (strcmp(how, "before-start") == 0) {
        nest(&a, &b);
        run(backward);
    } else if (strcmp(how, "after-join") == 0) {
        run(forward);
        nest(&b, &a);
    } else if (strcmp(how, "by-grandchild") == 0) {
        run(forward_then_start);
    } else if (strcmp(how, "agreed") == 0) {
        run(forward);
        run(forward);
    } else {
        beside(strcmp(how, "before-and-between") == 0, strcmp(how, "joins-another") == 0, strcmp(how, "detached") == 0);
    }
    return 0;
}
