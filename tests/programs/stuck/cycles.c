// Threads that each hold what the next one wants. Handshakes make it happen at once.
//
// hangs: mutexes
//   finding deadlock observed edges=2 locks=a,b threads=alice,bob functions=alice,bob modes=EE,EE no=none behind=main
// hangs: with-others-behind
//   finding deadlock observed edges=2 locks=a,b threads=alice,bob modes=EE,EE no=none behind=carol,main
// hangs: of-three
//   finding deadlock observed edges=3 locks=a,b,c threads=alice,bob,carol modes=EE,EE,EE no=none behind=main
// hangs: spinlocks
//   finding deadlock observed edges=2 locks=s,t threads=left,right functions=left,right no=none behind=main
// hangs: readers-and-writers
//   finding deadlock observed edges=2 locks=v,w threads=left_rw,right_rw modes=EE,SE no=none behind=main
// hangs: mutex-and-semaphore
//   finding deadlock observed edges=2 locks=a,permit threads=left_sem,right_sem no=none behind=main
// hangs: crossed-semaphores
//   finding deadlock observed edges=2 locks=permit,other threads=left_two,right_two no=none behind=main
// hangs: acquired-again-after-a-foreign-unlock
//   finding deadlock observed edges=2 locks=a,b threads=alice,bob modes=EE,EE no=none behind=main
// hangs: in-a-child
//   finding deadlock observed edges=2 locks=a,b threads=alice,bob modes=EE,EE no=none behind=main

#include <semaphore.h>
#include <sys/wait.h>

#include "tests/programs/stuck/never_outlives.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t c = PTHREAD_MUTEX_INITIALIZER;
static pthread_spinlock_t s, t;
static pthread_rwlock_t v = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t w = PTHREAD_RWLOCK_INITIALIZER;
static sem_t permit, other;
static int parties = 2;
static int arrived;

static void* alice(void* unused) {
    pthread_mutex_lock(&a);
    meet(&arrived, parties);
    pthread_mutex_lock(&b);
    return unused;
}

static void* bob(void* unused) {
    pthread_mutex_lock(&b);
    meet(&arrived, parties);
    pthread_mutex_lock(parties == 2 ? &a : &c);
    return unused;
}

static void* carol(void* unused) {
    if (parties == 3) {
        pthread_mutex_lock(&c);
        meet(&arrived, parties);
    }
    pthread_mutex_lock(&a);
    return unused;
}

/// Twice somebody else unlocks what it holds, and it locks it anew.
static void* alice_again(void* unused) {
    for (int turn = 1; turn <= 3; turn += 2) {
        pthread_mutex_lock(&a);
        give_turn(turn);
        await_turn(turn + 1);
    }
    return alice(unused);
}

static void* left(void* unused) {
    pthread_spin_lock(&s);
    meet(&arrived, 2);
    pthread_spin_lock(&t);
    return unused;
}

static void* right(void* unused) {
    pthread_spin_lock(&t);
    meet(&arrived, 2);
    pthread_spin_lock(&s);
    return unused;
}

static void* left_rw(void* unused) {
    pthread_rwlock_rdlock(&v);
    meet(&arrived, 2);
    pthread_rwlock_wrlock(&w);
    return unused;
}

static void* right_rw(void* unused) {
    pthread_rwlock_wrlock(&w);
    meet(&arrived, 2);
    pthread_rwlock_wrlock(&v);
    return unused;
}

static void* left_sem(void* unused) {
    sem_wait(&permit);
    meet(&arrived, 2);
    pthread_mutex_lock(&a);
    return unused;
}

static void* right_sem(void* unused) {
    pthread_mutex_lock(&a);
    meet(&arrived, 2);
    sem_wait(&permit);
    return unused;
}

static void* left_two(void* unused) {
    sem_wait(&permit);
    meet(&arrived, 2);
    sem_wait(&other);
    return unused;
}

static void* right_two(void* unused) {
    sem_wait(&other);
    meet(&arrived, 2);
    sem_wait(&permit);
    return unused;
}

static void both(void* (*one)(void*), const char* one_name, void* (*two)(void*), const char* two_name) {
    const pthread_t first = start(one, one_name, NULL);
    start(two, two_name, NULL);
    pthread_join(first, NULL);
}

int main(int count, char** words) {
    pthread_spin_init(&s, PTHREAD_PROCESS_PRIVATE);
    pthread_spin_init(&t, PTHREAD_PROCESS_PRIVATE);
    sem_init(&permit, 0, 1);
    sem_init(&other, 0, 1);
    if (is_case(count, words, "spinlocks")) both(left, "left", right, "right");
    if (is_case(count, words, "readers-and-writers")) both(left_rw, "left_rw", right_rw, "right_rw");
    if (is_case(count, words, "mutex-and-semaphore")) both(left_sem, "left_sem", right_sem, "right_sem");
    if (is_case(count, words, "crossed-semaphores")) both(left_two, "left_two", right_two, "right_two");
    if (is_case(count, words, "of-three")) parties = 3;
    const int forks = is_case(count, words, "in-a-child");
    if (forks && start_child() != 0) {
        wait(NULL);
        return 0;
    }
    const int again = is_case(count, words, "acquired-again-after-a-foreign-unlock");
    const pthread_t first = start(again ? alice_again : alice, "alice", NULL);
    for (int turn = 1; again && turn <= 3; turn += 2) {
        await_turn(turn);
        pthread_mutex_unlock(&a);
        give_turn(turn + 1);
    }
    start(bob, "bob", NULL);
    if (!again && !forks && !is_case(count, words, "mutexes")) {
        if (parties == 2)
            while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < 2) sched_yield();
        start(carol, "carol", NULL);
    }
    pthread_join(first, NULL);
    return 0;
}
