// Read-write locks and spin locks: every kind of acquisition once, an upgrade that gives up, refusals.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static pthread_rwlock_t first = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t second;
static pthread_spinlock_t spin;

static void* reader(void* nothing) {
    pthread_rwlock_rdlock(&first);
    pthread_spin_lock(&spin);
    pthread_spin_unlock(&spin);
    pthread_rwlock_unlock(&first);
    return nothing;
}

int main(void) {
    struct timespec past = {0, 0};
    pthread_t thread;
    pthread_rwlock_init(&second, NULL);
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    pthread_rwlock_rdlock(&first);
    pthread_rwlock_rdlock(&first);
    pthread_create(&thread, NULL, reader, NULL);
    pthread_join(thread, NULL);
    pthread_rwlock_unlock(&first);
    printf("upgrade gives up: %d\n", pthread_rwlock_timedwrlock(&first, &past) == ETIMEDOUT);
    pthread_rwlock_unlock(&first);
    pthread_rwlock_wrlock(&second);
    printf("refused: %d\n", pthread_rwlock_rdlock(&second) == EDEADLK);
    printf("busy: %d\n", pthread_rwlock_tryrdlock(&second) == EBUSY);
    pthread_rwlock_unlock(&second);
    printf("try: %d\n", pthread_rwlock_trywrlock(&second));
    pthread_rwlock_unlock(&second);
    printf("clock: %d\n", pthread_rwlock_clockrdlock(&second, CLOCK_MONOTONIC, &past));
    pthread_rwlock_unlock(&second);
    pthread_rwlock_destroy(&second);
    pthread_spin_destroy(&spin);
    return 0;
}
