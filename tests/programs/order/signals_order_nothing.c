// One thread tells the other by a semaphore or a condition that it is done. That happened to order this run, but nothing makes
// the next run wait for the nesting: neither is in the list of what orders.
//
// expect: semaphore
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: condition
//   acquisitions at-least 6
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: semaphore agreed
//   acquisitions 4
//   dependencies 2
//   clean
// expect: condition agreed
//   acquisitions at-least 6
//   dependencies 2
//   clean

#include <pthread.h>
#include <semaphore.h>
#include <string.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static sem_t done;
static int is_done;
static int by_semaphore;
static int agreed;

static void nest(pthread_mutex_t* first, pthread_mutex_t* second) {
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

static void* one(void* unused) {
    (void)unused;
    nest(&a, &b);
    if (by_semaphore) {
        sem_post(&done);
    } else {
        pthread_mutex_lock(&m);
        is_done = 1;
        pthread_cond_signal(&told);
        pthread_mutex_unlock(&m);
    }
    return NULL;
}

static void* other(void* unused) {
    (void)unused;
    if (by_semaphore) {
        sem_wait(&done);
    } else {
        pthread_mutex_lock(&m);
        while (!is_done) pthread_cond_wait(&told, &m);
        pthread_mutex_unlock(&m);
    }
    nest(agreed ? &a : &b, agreed ? &b : &a);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    if (count < 2) return 2;
    by_semaphore = strcmp(words[1], "semaphore") == 0;
    agreed = count > 2;
    sem_init(&done, 0, 0);
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    sem_destroy(&done);
    return 0;
}
