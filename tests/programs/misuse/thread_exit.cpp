// A thread ends with a lock in its hands, in every way a thread can end. Leaving main and calling exit() are no thread exits:
// there the process ends.
//
// expect: returns
//   acquisitions 1
//   dependencies 0
//   finding held-at-thread-exit observed locks=m
// expect: pthread-exit
//   acquisitions 1
//   dependencies at-least 0
//   finding held-at-thread-exit observed locks=m
// expect: recursive
//   acquisitions 2
//   dependencies 0
//   finding held-at-thread-exit observed locks=recursive
// expect: shared
//   acquisitions 1
//   dependencies 0
//   finding held-at-thread-exit observed locks=shared
// expect: two-locks
//   acquisitions 2
//   dependencies 1
//   finding held-at-thread-exit observed locks=m
//   finding held-at-thread-exit observed locks=recursive
// expect: released
//   acquisitions 1
//   dependencies 0
//   clean
// expect: main-returns
//   acquisitions 1
//   dependencies 0
//   clean
// expect: main-calls-exit
//   acquisitions 1
//   dependencies 0
//   clean
// expect: thread-calls-exit
//   acquisitions 1
//   dependencies 0
//   clean
// expect: detached-at-the-end
//   acquisitions 1
//   dependencies 0
//   clean

#include <pthread.h>

#include <cstdlib>
#include <string_view>

#include "tests/programs/hand_over.h"

namespace {

pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
std::string_view how;

void* work(void*) {
    if (how == "recursive") {
        pthread_mutex_lock(&recursive);
        pthread_mutex_lock(&recursive);
    } else if (how == "shared") {
        pthread_rwlock_rdlock(&shared);
    } else {
        pthread_mutex_lock(&m);
    }
    if (how == "two-locks") pthread_mutex_lock(&recursive);
    if (how == "released") pthread_mutex_unlock(&m);
    if (how == "thread-calls-exit") std::exit(0);
    if (how == "pthread-exit") pthread_exit(nullptr);
    if (how == "detached-at-the-end") {
        give_turn(1);
        await_turn(2);
    }
    return nullptr;
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    how = words[1];
    if (how.starts_with("main")) {
        pthread_mutex_lock(&m);
        if (how == "main-calls-exit") std::exit(0);
        return 0;
    }
    pthread_t thread;
    pthread_create(&thread, nullptr, work, nullptr);
    if (how == "detached-at-the-end") {
        pthread_detach(thread);
        await_turn(1);
        return 0;
    }
    pthread_join(thread, nullptr);
    return 0;
}
