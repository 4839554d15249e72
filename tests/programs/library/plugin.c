// The library of opens_relative.c.
#include <pthread.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

void nest(int inverts) {
    pthread_mutex_t* first = inverts ? &b : &a;
    pthread_mutex_t* second = inverts ? &a : &b;
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}
