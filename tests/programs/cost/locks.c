// locks PATTERN TIMES: one pattern of lock operations, so many times, for cost_test.py. The first lock of a process that has never had a
// second thread is another, cheaper one in glibc; here there is one, as in any program that locks for a reason.
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t mutexes[4] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
                                     PTHREAD_MUTEX_INITIALIZER};
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spinlock;
static sem_t semaphore;

static void u1(void) {
    pthread_mutex_lock(&mutexes[0]);
    pthread_mutex_unlock(&mutexes[0]);
}
static void n4(void) {
    for (int i = 0; i < 4; ++i) pthread_mutex_lock(&mutexes[i]);
    for (int i = 4; i-- != 0;) pthread_mutex_unlock(&mutexes[i]);
}
static void n4_first_out(void) {
    for (int i = 0; i < 4; ++i) pthread_mutex_lock(&mutexes[i]);
    for (int i = 0; i < 4; ++i) pthread_mutex_unlock(&mutexes[i]);
}
static void read_lock(void) {
    pthread_rwlock_rdlock(&rwlock);
    pthread_rwlock_unlock(&rwlock);
}
static void write_lock(void) {
    pthread_rwlock_wrlock(&rwlock);
    pthread_rwlock_unlock(&rwlock);
}
static void spin(void) {
    pthread_spin_lock(&spinlock);
    pthread_spin_unlock(&spinlock);
}
static void permit(void) {
    sem_wait(&semaphore);
    sem_post(&semaphore);
}

static const struct {
    const char* name;
    void (*run)(void);
} patterns[] = {{"u1", u1},
                {"n4", n4},
                {"n4_first_out", n4_first_out},
                {"read_lock", read_lock},
                {"write_lock", write_lock},
                {"spin", spin},
                {"permit", permit}};

static void* sleeps(void* nothing) {
    pause();
    return nothing;
}

int main(int argc, char** argv) {
    pthread_t other;
    if (argc != 3) return 2;
    pthread_spin_init(&spinlock, PTHREAD_PROCESS_PRIVATE);
    sem_init(&semaphore, 0, 1);
    pthread_create(&other, NULL, sleeps, NULL);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; ++i) {
        if (strcmp(patterns[i].name, argv[1]) != 0) continue;
        for (long times = atol(argv[2]); times > 0; --times) patterns[i].run();
        return 0;
    }
    return 2;
}
