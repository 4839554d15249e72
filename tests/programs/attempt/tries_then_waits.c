// Code that tries and, where the try fails, waits: its tries that succeed would have waited too, so crossing two locks that way is an
// inversion although no request waited for either. Whether such code waits is seen where it met a lock that was taken: here a third
// one. The same function may be called not to wait: that is a try and closes nothing.
//
// expect: semaphores
//   acquisitions 6
//   dependencies 2
//   only full
//   finding lock-order-cycle potential edges=2 locks=a.semaphore,b.semaphore functions=take
// expect: mutexes
//   acquisitions 6
//   dependencies 2
//   only full
//   finding lock-order-cycle potential edges=2 locks=a.mutex,b.mutex functions=take
// expect: mutexes-tried
//   acquisitions 6
//   dependencies 2
//   harmless hold-and-wait 1
//   clean
// expect: semaphores-tried
//   acquisitions 6
//   dependencies 2
//   harmless hold-and-wait 1
//   clean
// expect: mutexes-uncontended
//   acquisitions 4
//   dependencies 2
//   harmless hold-and-wait 1
//   clean

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

struct lock {
    pthread_mutex_t mutex;
    sem_t semaphore;
};

static struct lock a = {.mutex = PTHREAD_MUTEX_INITIALIZER};
static struct lock b = {.mutex = PTHREAD_MUTEX_INITIALIZER};
static struct lock c = {.mutex = PTHREAD_MUTEX_INITIALIZER};
static int mutexes;
static int tried;
static int waiter;

/// The one function of both: whether it waits says the caller.
static int take(struct lock* lock, int waits) {
    if (mutexes) {
        if (pthread_mutex_trylock(&lock->mutex) == 0) return 1;
        if (waits) pthread_mutex_lock(&lock->mutex);
    } else {
        if (sem_trywait(&lock->semaphore) == 0) return 1;
        if (waits) sem_wait(&lock->semaphore);
    }
    return waits;
}

static void give(struct lock* lock) {
    if (mutexes)
        pthread_mutex_unlock(&lock->mutex);
    else
        sem_post(&lock->semaphore);
}

static void take_or_wait(struct lock* lock) { take(lock, 1); }

static void take_or_leave(struct lock* lock) {
    if (!take(lock, 0)) abort();
}

struct job {
    struct lock* locks[2];
    int turn;  // to wait for and to pass on; below zero: is to meet a taken lock
};

/// The same calls for whoever meets a taken lock and whoever does not.
static void* work(void* given) {
    const struct job* job = given;
    if (job->turn < 0)
        say_thread(&waiter);
    else
        await_turn(job->turn);
    for (int i = 0; i < 2 && job->locks[i] != NULL; ++i) {
        if (tried && job->turn >= 0)
            take_or_leave(job->locks[i]);
        else
            take_or_wait(job->locks[i]);
    }
    for (int i = 2; i-- > 0;)
        if (job->locks[i] != NULL) give(job->locks[i]);
    if (job->turn >= 0) give_turn(job->turn + 1);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    struct job meets = {{&c, NULL}, -1};
    struct job one = {{&a, &b}, 0};
    struct job other = {{&b, &a}, 1};
    if (count != 2) return 2;
    mutexes = strncmp(words[1], "mutexes", 7) == 0;
    tried = strstr(words[1], "tried") != NULL;
    sem_init(&a.semaphore, 0, 1);
    sem_init(&b.semaphore, 0, 1);
    sem_init(&c.semaphore, 0, 1);
    if (strstr(words[1], "uncontended") == NULL) {
        if (mutexes)
            pthread_mutex_lock(&c.mutex);
        else
            sem_wait(&c.semaphore);
        pthread_create(&threads[0], NULL, work, &meets);
        await_blocked(&waiter);
        give(&c);
        pthread_join(threads[0], NULL);
    }
    pthread_create(&threads[0], NULL, work, &one);
    pthread_create(&threads[1], NULL, work, &other);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    return 0;
}
