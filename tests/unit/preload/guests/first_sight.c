// Semaphores that the recorder has not seen being made, met by two threads at once. Each is a lock, whoever meets it first.
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

enum { many = 3000 };

static sem_t met[many];
static pthread_barrier_t together;

static void* meets(void* unused) {
    for (int i = 0; i < many; ++i) {
        if (i % 16 == 0) pthread_barrier_wait(&together);
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
    pthread_barrier_init(&together, NULL, 2);
    for (int i = 0; i < 2; ++i) pthread_create(&thread[i], NULL, meets, NULL);
    for (int i = 0; i < 2; ++i) pthread_join(thread[i], NULL);
    puts("done");
    return 0;
}
