// Semaphores as they are mostly meant: one thread waits, the other posts, and both hold a mutex now and then. No holder, no
// cycle, no misuse.
//
// expect:
//   acquisitions 200
//   dependencies at-least 0
//   clean

#include <pthread.h>
#include <semaphore.h>

static sem_t ping;
static sem_t pong;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int turns;

static void play(sem_t* await, sem_t* give) {
    for (int i = 0; i < 100; ++i) {
        sem_wait(await);
        pthread_mutex_lock(&m);
        ++turns;
        pthread_mutex_unlock(&m);
        sem_post(give);
    }
}

static void* other(void* unused) {
    (void)unused;
    play(&ping, &pong);
    return NULL;
}

int main(void) {
    pthread_t thread;
    sem_init(&ping, 0, 1);
    sem_init(&pong, 0, 0);
    pthread_create(&thread, NULL, other, NULL);
    play(&pong, &ping);
    pthread_join(thread, NULL);
    return turns == 200 ? 0 : 1;
}
