// Two semaphores acquired in opposite orders. They are locks if they start at one and only holders post them; with two permits,
// or a post by somebody else, no cycle of holds is known.
//
// expect: binary
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=one,other
// expect: named
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 functions=one,other
// expect: two-permits
//   acquisitions 0
//   dependencies at-least 0
//   events semaphore_acquire 4
//   events semaphore_post 4
//   clean
// expect: posted-by-another
//   acquisitions 0
//   dependencies at-least 0
//   events semaphore_acquire 4
//   events semaphore_post 6
//   clean
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/programs/hand_over.h"

static sem_t a;
static sem_t b;
static sem_t* first = &a;
static sem_t* second = &b;
static int agreed;

static void* one(void* unused) {
    (void)unused;
    await_turn(0);
    sem_wait(first);
    sem_wait(second);
    sem_post(second);
    sem_post(first);
    give_turn(1);
    return NULL;
}

static void* other(void* unused) {
    sem_t* held = agreed ? first : second;
    sem_t* wanted = agreed ? second : first;
    (void)unused;
    await_turn(1);
    sem_wait(held);
    sem_wait(wanted);
    sem_post(wanted);
    sem_post(held);
    give_turn(2);
    return NULL;
}

static sem_t* named(int number) {
    char name[64];
    snprintf(name, sizeof name, "/interlock-programs-%ld-%d", (long)getpid(), number);
    sem_t* made = sem_open(name, O_CREAT | O_EXCL, 0600, 1u);
    sem_unlink(name);
    return made;
}

int main(int count, char** words) {
    pthread_t threads[2];
    if (count != 2) return 2;
    const unsigned permits = strcmp(words[1], "two-permits") == 0 ? 2 : 1;
    agreed = strcmp(words[1], "agreed") == 0;
    if (strcmp(words[1], "named") == 0) {
        first = named(1);
        second = named(2);
        if (first == SEM_FAILED || second == SEM_FAILED) return 3;
    } else {
        sem_init(&a, 0, permits);
        sem_init(&b, 0, permits);
    }
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    if (strcmp(words[1], "posted-by-another") == 0) {
        await_turn(2);
        sem_post(&a);
        sem_post(&b);
    }
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    return 0;
}
