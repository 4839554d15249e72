// Hangs in the way that its arguments say, and prints "ready" once it does: for looking at from outside. Ends by itself after two minutes.
//
//   stuck KIND COUNT      COUNT threads, each with a lock of its own, each wants the next one's
//   stuck WAY             one of the ways below
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

#define COUNT_MAX 16

static pthread_mutex_t m[COUNT_MAX];
static pthread_rwlock_t rw[COUNT_MAX];
static pthread_t threads[COUNT_MAX];
static int stuck[COUNT_MAX];
static int count;
static int uses_rwlocks;
static int reads;
static pthread_cond_t nobody_notifies = PTHREAD_COND_INITIALIZER;
static sem_t nobody_posts;

static void ready(void) {
    if (write(STDOUT_FILENO, "ready\n", 6) != 6) abort();
    for (;;) pause();
}

static void start(int at, void* (*what)(void*), const char* name) {
    if (pthread_create(&threads[at], NULL, what, (void*)(size_t)at) != 0) abort();
    pthread_setname_np(threads[at], name);
}

static void* hold_and_want(void* which) {
    const int own = (int)(size_t)which;
    const int next = (own + 1) % count;
    await_turn(own);
    if (uses_rwlocks)
        pthread_rwlock_wrlock(&rw[own]);
    else
        pthread_mutex_lock(&m[own]);
    give_turn(own + 1);
    await_turn(count);
    if (own > 0) await_blocked(&stuck[own - 1]);  // one closes the cycle, and knows it
    say_thread(&stuck[own]);
    if (!uses_rwlocks)
        pthread_mutex_lock(&m[next]);
    else if (reads)
        pthread_rwlock_rdlock(&rw[next]);
    else
        pthread_rwlock_wrlock(&rw[next]);
    return NULL;
}

static void ring(const char* kind) {
    static const char* const names[COUNT_MAX] = {"t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"};
    pthread_mutexattr_t how;
    pthread_mutexattr_init(&how);
    uses_rwlocks = strncmp(kind, "rwlock", 6) == 0;
    reads = strcmp(kind, "rwlock-read") == 0;
    if (strcmp(kind, "recursive") == 0) pthread_mutexattr_settype(&how, PTHREAD_MUTEX_RECURSIVE);
    if (strcmp(kind, "errorcheck") == 0) pthread_mutexattr_settype(&how, PTHREAD_MUTEX_ERRORCHECK);
    if (strcmp(kind, "adaptive") == 0) pthread_mutexattr_settype(&how, PTHREAD_MUTEX_ADAPTIVE_NP);
    if (strcmp(kind, "robust") == 0) pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
    if (strcmp(kind, "inherit") == 0) pthread_mutexattr_setprotocol(&how, PTHREAD_PRIO_INHERIT);
    if (strcmp(kind, "shared") == 0) pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
    for (int i = 0; i < count; ++i) pthread_mutex_init(&m[i], &how);
    for (int i = 0; i < count; ++i) start(i, hold_and_want, names[i]);
    for (int i = 0; i < count; ++i) await_blocked(&stuck[i]);
}

static void* lock_twice(void* unused) {
    pthread_mutex_lock(&m[0]);
    say_thread(&stuck[0]);
    pthread_mutex_lock(&m[0]);
    return unused;
}

static void* want_first(void* which) {
    await_turn(1);
    say_thread(&stuck[(size_t)which]);
    pthread_mutex_lock(&m[0]);
    return NULL;
}

static void* join_holding(void* unused) {
    pthread_mutex_lock(&m[0]);
    give_turn(1);
    say_thread(&stuck[0]);
    pthread_join(threads[1], NULL);
    return unused;
}

static void* join_other(void* which) {
    await_turn(1);
    say_thread(&stuck[(size_t)which]);
    pthread_join(threads[1 - (size_t)which], NULL);
    return NULL;
}

static void* give_up_in_time(void* which) {
    const int own = (int)(size_t)which;
    struct timespec end;
    await_turn(own);
    pthread_mutex_lock(&m[own]);
    give_turn(own + 1);
    await_turn(2);
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 1000;
    say_thread(&stuck[own]);
    if (own == 0)
        pthread_mutex_timedlock(&m[1], &end);
    else
        pthread_mutex_lock(&m[0]);
    return NULL;
}

static void* read_and_write(void* which) {
    const int own = (int)(size_t)which;
    await_turn(own);
    pthread_rwlock_rdlock(&rw[own]);
    give_turn(own + 1);
    await_turn(2);
    say_thread(&stuck[own]);
    pthread_rwlock_wrlock(&rw[1 - own]);
    return NULL;
}

static void* end_holding(void* unused) {
    pthread_mutex_lock(&m[0]);
    give_turn(1);
    return unused;
}

static void* wait_unnotified(void* unused) {
    pthread_mutex_lock(&m[3]);
    say_thread(&stuck[0]);
    pthread_cond_wait(&nobody_notifies, &m[3]);
    return unused;
}

static void* wait_unposted(void* unused) {
    say_thread(&stuck[1]);
    sem_wait(&nobody_posts);
    return unused;
}

/// Woken, but its mutex is held by somebody who waits for another that it holds.
static void* wait_for_mutex_again(void* unused) {
    pthread_mutex_lock(&m[0]);
    pthread_mutex_lock(&m[1]);
    say_thread(&stuck[0]);
    pthread_cond_wait(&nobody_notifies, &m[1]);
    return unused;
}

static void* notify_and_want(void* unused) {
    await_blocked(&stuck[0]);
    pthread_mutex_lock(&m[1]);
    pthread_cond_signal(&nobody_notifies);
    say_thread(&stuck[1]);
    pthread_mutex_lock(&m[0]);
    return unused;
}

static void self(void) {
    start(0, lock_twice, "alone");
    await_blocked(&stuck[0]);
}

static void join(void) {
    start(1, want_first, "joined");
    start(0, join_holding, "joiner");
    for (int i = 0; i < 2; ++i) await_blocked(&stuck[i]);
}

static void joins(void) {
    start(0, join_other, "left");
    start(1, join_other, "right");
    give_turn(1);
    for (int i = 0; i < 2; ++i) await_blocked(&stuck[i]);
}

/// The same, and the main thread is no more.
static void left_alone(void) {
    joins();
    if (write(STDOUT_FILENO, "ready\n", 6) != 6) abort();
    pthread_exit(NULL);
}

static void timed(void) {
    for (int i = 0; i < 2; ++i) start(i, give_up_in_time, i == 0 ? "patient" : "other");
    for (int i = 0; i < 2; ++i) await_blocked(&stuck[i]);
}

static void readers(void) {
    for (int i = 0; i < 2; ++i) start(i, read_and_write, i == 0 ? "left" : "right");
    for (int i = 0; i < 2; ++i) await_blocked(&stuck[i]);
}

static void gone(void) {
    start(0, end_holding, "ended");
    pthread_join(threads[0], NULL);
    start(1, want_first, "waiter");
    await_blocked(&stuck[1]);
}

/// The kernel has no such owner, and refuses.
static void gone_inherit(void) {
    pthread_mutexattr_t how;
    pthread_mutexattr_init(&how);
    pthread_mutexattr_setprotocol(&how, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&m[0], &how);
    gone();
}

/// Whoever comes next is told, and goes on.
static void gone_robust(void) {
    pthread_mutexattr_t how;
    pthread_mutexattr_init(&how);
    pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&m[0], &how);
    start(0, end_holding, "ended");
    pthread_join(threads[0], NULL);
    start(1, want_first, "waiter");
}

static void behind(void) {
    count = 2;
    ring("mutex");
    give_turn(1);
    start(2, want_first, "third");
    await_blocked(&stuck[2]);
}

static void ownerless(void) {
    sem_init(&nobody_posts, 0, 0);
    start(0, wait_unnotified, "listener");
    start(1, wait_unposted, "taker");
    for (int i = 0; i < 2; ++i) await_blocked(&stuck[i]);
}

static void reacquire(void) {
    start(0, wait_for_mutex_again, "woken");
    start(1, notify_and_want, "notifier");
    await_blocked(&stuck[1]);
    await_blocked(&stuck[0]);
}

/// The lock's owner is a thread of another process, which goes on or not.
static void held_elsewhere(int goes_on) {
    pthread_mutex_t* shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t how;
    int told[2];
    char byte = 0;
    if (shared == MAP_FAILED || pipe(told) != 0) abort();
    pthread_mutexattr_init(&how);
    pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(shared, &how);
    const pid_t parent = getpid();
    if (fork() == 0) {
        pthread_mutex_lock(shared);
        if (write(told[1], &byte, 1) != 1) abort();
        while (goes_on && getppid() == parent) usleep(1000);
        _exit(0);
    }
    if (read(told[0], &byte, 1) != 1) abort();
    if (!goes_on) wait(NULL);
    if (write(STDOUT_FILENO, "ready\n", 6) != 6) abort();
    pthread_mutex_lock(shared);
}
static void elsewhere(void) { held_elsewhere(1); }
static void gone_elsewhere(void) { held_elsewhere(0); }

int main(int words, char** word) {
    static const struct {
        const char* name;
        void (*hang)(void);
    } ways[] = {{"self", self},
                {"join", join},
                {"joins", joins},
                {"timed", timed},
                {"readers", readers},
                {"gone", gone},
                {"behind", behind},
                {"ownerless", ownerless},
                {"reacquire", reacquire},
                {"elsewhere", elsewhere},
                {"left_alone", left_alone},
                {"gone-robust", gone_robust},
                {"gone-inherit", gone_inherit},
                {"gone-elsewhere", gone_elsewhere}};
    alarm(120);
    for (size_t i = 0; words == 2 && i < sizeof ways / sizeof *ways; ++i) {
        if (strcmp(word[1], ways[i].name) != 0) continue;
        ways[i].hang();
        ready();
    }
    if (words != 3 || (count = atoi(word[2])) < 2 || count > 8) return 2;
    ring(word[1]);
    ready();
}
