// Two locks in both orders; prints whether the system says that it runs with rights that its caller does not have.
#include <pthread.h>
#include <stdio.h>
#include <sys/auxv.h>

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER, inner = PTHREAD_MUTEX_INITIALIZER;

static void* both(void* first) {
    pthread_mutex_t* const second = first == &outer ? &inner : &outer;
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
    return NULL;
}

int main(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, both, &outer) != 0) return 2;
    pthread_join(thread, NULL);
    both(&inner);
    printf("secure: %lu\n", getauxval(AT_SECURE));
    return 7;
}
