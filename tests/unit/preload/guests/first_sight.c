// Semaphores that the recorder has not seen being made, met by two threads at once. Each is a lock, whoever meets it first.
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

enum { many = 3000 };

static sem_t met[many];
static int arrived;

/// Both look until both are here: who sleeps comes too late.
static void meet(int round) {
    __atomic_fetch_add(&arrived, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < 2 * (round + 1)) sched_yield();
}

static void* meets(void* unused) {
    for (int i = 0; i < many; ++i) {
        meet(i);
        sem_wait(&met[i]);
        sem_post(&met[i]);
    }
    return unused;
}

int main(void) {
    pthread_t thread[2];
    sem_t made;
    sem_init(&made, 0, 1);
    for (int i = 0; i < many; ++i) memcpy(&met[i], &made, sizeof made);
    for (int i = 0; i < 2; ++i) pthread_create(&thread[i], NULL, meets, NULL);
    for (int i = 0; i < 2; ++i) pthread_join(thread[i], NULL);
    puts("done");
    return 0;
}
