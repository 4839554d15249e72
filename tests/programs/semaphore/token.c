// Semaphores that start at one and are no locks: the permit is a token that somebody else gives back, or nobody. A semaphore has no
// owner, so a thread may end with it, and it may be destroyed or initialised again while its permit is taken.
//
// expect: posted-by-another
//   acquisitions 0
//   dependencies 0
//   events semaphore_acquire 2
//   clean
// expect: posted-after-the-end
//   acquisitions 0
//   dependencies 0
//   events semaphore_acquire 1
//   clean
// expect: never-posted
//   acquisitions 1
//   dependencies 0
//   clean
// expect: destroyed-taken
//   acquisitions 2
//   dependencies 0
//   clean

#include <pthread.h>
#include <semaphore.h>
#include <string.h>

static sem_t token;

static void* take(void* unused) {
    sem_wait(&token);
    return unused;
}

static void* give(void* unused) {
    sem_post(&token);
    return unused;
}

static void run(void* (*what)(void*)) {
    pthread_t thread;
    pthread_create(&thread, NULL, what, NULL);
    pthread_join(thread, NULL);
}

int main(int count, char** words) {
    if (count != 2) return 2;
    sem_init(&token, 0, 1);
    if (strcmp(words[1], "posted-by-another") == 0) {
        run(take);
        run(give);
        sem_wait(&token);
        sem_post(&token);
    } else if (strcmp(words[1], "posted-after-the-end") == 0) {
        run(take);
        sem_post(&token);
    } else if (strcmp(words[1], "never-posted") == 0) {
        run(take);
    } else {
        sem_wait(&token);
        sem_destroy(&token);
        sem_init(&token, 0, 1);
        sem_wait(&token);
        sem_init(&token, 0, 1);
    }
    return 0;
}
