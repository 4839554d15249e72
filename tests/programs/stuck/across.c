// Two processes, two mutexes that they share: each holds one and wants the other (`hangs`), or one of them sleeps instead (`sleeps`). Which of
// them a log cannot tell: watch_test.py holds the report to it.
#include <sys/wait.h>

#include "tests/programs/stuck/never_outlives.h"
#include "tests/programs/stuck/shared_mutex.h"

static void lock_both(pthread_mutex_t* outer, pthread_mutex_t* inner, int sleeps) {
    pthread_mutex_lock(outer);
    say_held(outer);
    await_held(inner);
    if (sleeps) sleep(1000);
    pthread_mutex_lock(inner);
}

int main(int count, char** words) {
    pthread_mutex_t* const first = make_shared_mutex(PTHREAD_MUTEX_STALLED);
    pthread_mutex_t* const second = make_shared_mutex(PTHREAD_MUTEX_STALLED);
    if (start_child() == 0) {
        lock_both(second, first, is_case(count, words, "sleeps"));
        return 0;
    }
    lock_both(first, second, 0);
    wait(NULL);
    return 0;
}
