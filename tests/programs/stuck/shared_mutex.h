// A mutex in memory that a child shares with its parent, and a word beside it that says when it is held.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

struct shared_mutex {
    pthread_mutex_t mutex;
    int held;
};

/// `robustness`: PTHREAD_MUTEX_STALLED or PTHREAD_MUTEX_ROBUST.
static inline pthread_mutex_t* make_shared_mutex(int robustness) {
    void* const made =
        mmap(NULL, sizeof(struct shared_mutex), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t how;
    if (made == MAP_FAILED) abort();
    pthread_mutexattr_init(&how);
    pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&how, robustness);
    pthread_mutex_init((pthread_mutex_t*)made, &how);
    return (pthread_mutex_t*)made;
}

static inline void say_held(pthread_mutex_t* mutex) {
    __atomic_store_n(&((struct shared_mutex*)(void*)mutex)->held, 1, __ATOMIC_RELEASE);
}
static inline void await_held(pthread_mutex_t* mutex) {
    while (__atomic_load_n(&((struct shared_mutex*)(void*)mutex)->held, __ATOMIC_ACQUIRE) == 0) sched_yield();
}
