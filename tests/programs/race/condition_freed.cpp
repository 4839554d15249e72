// A condition notified after the mutex is let go of, whose memory who sees the change may free: a classic. The block is kept here until
// both are done, by order that the detector does not see, so that the run is whole.
#include <pthread.h>
#include <sched.h>

#include "tests/programs/race/both.hpp"

struct meeting {
    pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    bool done = false;
};

int main() {
    auto* const shared = new meeting;
    static int notified = 0;
    std::thread other([shared] {
        pthread_mutex_lock(&shared->guard);
        shared->done = true;
        if (!racy) pthread_cond_signal(&shared->changed);
        pthread_mutex_unlock(&shared->guard);
        if (racy) pthread_cond_signal(&shared->changed);
        __atomic_store_n(&notified, 1, __ATOMIC_RELAXED);
    });
    pthread_mutex_lock(&shared->guard);
    while (!shared->done) pthread_cond_wait(&shared->changed, &shared->guard);
    pthread_mutex_unlock(&shared->guard);
    while (__atomic_load_n(&notified, __ATOMIC_RELAXED) == 0) sched_yield();
    delete shared;
    other.join();
}
