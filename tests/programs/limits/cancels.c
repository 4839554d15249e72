// Thousands of waiters are cancelled: in a condition wait, a semaphore wait, a join, a barrier of their own making. Each clean-up finds what
// POSIX says it finds. Argument: rounds of 4 times 25.
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

enum { batch = 25 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static sem_t nothing_in_it, started;
static pthread_t stays;
static long cleaned;

static void unlock(void* unused) {
    (void)unused;
    ++cleaned;
    pthread_mutex_unlock(&mutex);
}
static void count(void* unused) {
    (void)unused;
    pthread_mutex_lock(&mutex);
    ++cleaned;
    pthread_mutex_unlock(&mutex);
}

static void* waits_for_condition(void* unused) {
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, NULL);
    sem_post(&started);
    for (;;) pthread_cond_wait(&never, &mutex);
    pthread_cleanup_pop(0);
    return unused;
}
static void* waits_for_semaphore(void* unused) {
    pthread_cleanup_push(count, NULL);
    sem_post(&started);
    for (;;) sem_wait(&nothing_in_it);
    pthread_cleanup_pop(0);
    return unused;
}
static void* waits_for_thread(void* unused) {
    pthread_cleanup_push(count, NULL);
    sem_post(&started);
    pthread_join(stays, NULL);
    pthread_cleanup_pop(0);
    return unused;
}
static void* waits_timed(void* unused) {
    const struct timespec far = {1L << 40, 0};
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, NULL);
    sem_post(&started);
    for (;;) pthread_cond_clockwait(&never, &mutex, CLOCK_MONOTONIC, &far);
    pthread_cleanup_pop(0);
    return unused;
}
static void* stay(void* unused) {
    sem_wait(&nothing_in_it);
    return unused;
}

int main(int words_count, char** words) {
    void* (*const kinds[])(void*) = {waits_for_condition, waits_for_semaphore, waits_for_thread, waits_timed};
    long cancelled = 0;
    if (words_count != 2) return 2;
    const long rounds = atol(words[1]);
    sem_init(&nothing_in_it, 0, 0);
    sem_init(&started, 0, 0);
    for (long round = 0; round < rounds * 4; ++round) {
        // Only one thread may wait for the other's end at a time.
        const int joins = kinds[round % 4] == waits_for_thread;
        for (int i = 0; i < (joins ? batch : 1); ++i) {
            pthread_t thread[batch];
            const int many = joins ? 1 : batch;
            if (joins) pthread_create(&stays, NULL, stay, NULL);
            for (int j = 0; j < many; ++j) pthread_create(&thread[j], NULL, kinds[round % 4], NULL);
            for (int j = 0; j < many; ++j) sem_wait(&started);
            for (int j = 0; j < many; ++j) pthread_cancel(thread[j]);
            for (int j = 0; j < many; ++j) {
                void* result = NULL;
                pthread_join(thread[j], &result);
                cancelled += result == PTHREAD_CANCELED;
            }
            if (!joins) continue;
            sem_post(&nothing_in_it);
            pthread_join(stays, NULL);
        }
    }
    printf("cancelled %ld cleaned %ld\n", cancelled, cleaned);
    printf("free %d\n", pthread_mutex_trylock(&mutex));
    return 0;
}
