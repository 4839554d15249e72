// Semaphores: two that are locks, one that signals, one that only looked like a lock, a named one; a barrier.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

static sem_t first, second, signal_only, looks_like_a_lock, never;
static pthread_barrier_t barrier;

static void* other(void* nothing) {
    sem_wait(&second);
    sem_wait(&first);
    sem_post(&first);
    sem_post(&second);
    sem_post(&looks_like_a_lock);
    sem_post(&signal_only);
    pthread_barrier_wait(&barrier);
    return nothing;
}

static void* waits_for_ever(void* nothing) {
    sem_wait(&never);
    return nothing;
}

int main(void) {
    struct timespec past = {0, 0};
    pthread_t thread;
    void* result = NULL;
    char name[64];
    sem_t *named, *again;
    sem_init(&first, 0, 1);
    sem_init(&second, 0, 1);
    sem_init(&signal_only, 0, 0);
    sem_init(&looks_like_a_lock, 0, 1);
    sem_init(&never, 0, 0);
    pthread_barrier_init(&barrier, NULL, 2);
    sem_wait(&first);
    sem_wait(&second);
    sem_post(&second);
    sem_post(&first);
    sem_wait(&looks_like_a_lock);
    pthread_create(&thread, NULL, other, NULL);
    while (sem_wait(&signal_only) != 0) {
    }
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    pthread_create(&thread, NULL, waits_for_ever, NULL);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    printf("cancelled: %d\n", result == PTHREAD_CANCELED);
    errno = 0;
    printf("try: %d", sem_trywait(&signal_only));
    printf(" %d\n", errno == EAGAIN);
    errno = 0;
    printf("timed: %d", sem_timedwait(&signal_only, &past));
    printf(" %d\n", errno == ETIMEDOUT);
    snprintf(name, sizeof name, "/interlock-test-%d", (int)getpid());
    named = sem_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, 1);
    again = sem_open(name, O_RDWR);
    sem_unlink(name);
    printf("one name, one address: %d\n", named == again && named != SEM_FAILED);
    sem_wait(named);
    sem_post(again);
    sem_close(named);
    sem_close(again);
    pthread_barrier_destroy(&barrier);
    sem_destroy(&first);
    return 0;
}
