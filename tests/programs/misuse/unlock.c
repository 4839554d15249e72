// Releasing what one does not hold: nobody does, or another thread does. Whether the call succeeds is up to the kind of mutex.
//
// expect: not-held
//   acquisitions 0
//   dependencies 0
//   finding unlock-not-held observed locks=plain functions=give_back
// expect: not-held-checked
//   acquisitions 0
//   dependencies 0
//   finding unlock-not-held observed locks=checked functions=give_back
// expect: twice
//   acquisitions 1
//   dependencies 0
//   finding unlock-not-held observed locks=checked functions=give_back
// expect: not-owner
//   acquisitions 1
//   dependencies 0
//   finding unlock-not-owner observed locks=plain functions=give_back
// expect: not-owner-checked
//   acquisitions 1
//   dependencies 0
//   finding unlock-not-owner observed locks=checked functions=give_back
// expect: not-owner-recursive
//   acquisitions 1
//   dependencies 0
//   finding unlock-not-owner observed locks=recursive functions=give_back
// expect: not-owner-and-again
//   acquisitions 2
//   dependencies 0
//   finding unlock-not-owner observed locks=plain functions=give_back
//   finding held-at-thread-exit observed locks=plain functions=owner
// expect: own
//   acquisitions 1
//   dependencies 0
//   clean

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t checked = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static int give_back(pthread_mutex_t* lock) {
    const int result = pthread_mutex_unlock(lock);
    return result;
}

static int again;

static void* owner(void* lock) {
    pthread_mutex_lock(lock);
    give_turn(1);
    await_turn(2);
    if (again)
        pthread_mutex_lock(lock);
    else if (lock != &plain)
        pthread_mutex_unlock(lock);
    return NULL;
}

static int foreign(pthread_mutex_t* lock) {
    pthread_t thread;
    pthread_create(&thread, NULL, owner, lock);
    await_turn(1);
    const int result = give_back(lock);
    give_turn(2);
    pthread_join(thread, NULL);
    return result == (lock == &plain ? 0 : EPERM) ? 0 : 3;
}

int main(int count, char** words) {
    if (count != 2) return 2;
    const char* how = words[1];
    if (strcmp(how, "not-held") == 0) return give_back(&plain);
    if (strcmp(how, "not-held-checked") == 0) return give_back(&checked) == EPERM ? 0 : 3;
    again = strcmp(how, "not-owner-and-again") == 0;
    if (again || strcmp(how, "not-owner") == 0) return foreign(&plain);
    if (strcmp(how, "not-owner-checked") == 0) return foreign(&checked);
    if (strcmp(how, "not-owner-recursive") == 0) return foreign(&recursive);
    pthread_mutex_lock(&checked);
    give_back(&checked);
    if (strcmp(how, "twice") == 0) return give_back(&checked) == EPERM ? 0 : 3;
    return 0;
}
