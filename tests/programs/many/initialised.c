// A hundred thousand locks made by pthread_mutex_init, locked, unlocked and destroyed one after the other at one address.
//
// expect:
//   acquisitions 100000
//   dependencies 0
//   clean

#include <pthread.h>

int main(void) {
    for (int i = 0; i < 100000; ++i) {
        pthread_mutex_t m;
        pthread_mutex_init(&m, NULL);
        pthread_mutex_lock(&m);
        pthread_mutex_unlock(&m);
        pthread_mutex_destroy(&m);
    }
    return 0;
}
