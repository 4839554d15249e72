// The patterns over four different kinds of lock: mutex A, rwlock B, spinlock C and binary semaphore D.
//
// expect: ABBA
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=acquire via=section
// expect: ABBCCA
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle potential edges=3 locks=a,b,c functions=acquire via=section
// expect: ABCABC
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle potential edges=3 locks=a,b,c functions=acquire via=section
// expect: ABBCCDDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle potential edges=4 locks=a,b,c,d functions=acquire via=section
// expect: ABCDBDDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle potential edges=3 locks=a,b,d functions=acquire via=section
// expect: ABCDBCDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle potential edges=4 locks=a,b,c,d functions=acquire via=section
// expect: ABAB
//   acquisitions 4
//   dependencies 2
//   clean
// expect: ABBCAC
//   acquisitions 6
//   dependencies 3
//   clean
// expect: ABCDBDAD
//   acquisitions 8
//   dependencies 4
//   clean

#include <pthread.h>
#include <semaphore.h>

#include "tests/programs/pattern/play.hpp"

namespace {

pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
pthread_rwlock_t b = PTHREAD_RWLOCK_INITIALIZER;
pthread_spinlock_t c;
sem_t d;

void acquire(int lock) {
    switch (lock) {
        case 0: pthread_mutex_lock(&a); break;
        case 1: pthread_rwlock_wrlock(&b); break;
        case 2: pthread_spin_lock(&c); break;
        default: sem_wait(&d); break;
    }
}

void release(int lock) {
    switch (lock) {
        case 0: pthread_mutex_unlock(&a); break;
        case 1: pthread_rwlock_unlock(&b); break;
        case 2: pthread_spin_unlock(&c); break;
        default: sem_post(&d); break;
    }
}

}  // namespace

int main(int count, char** words) {
    pthread_spin_init(&c, PTHREAD_PROCESS_PRIVATE);
    sem_init(&d, 0, 1);
    return play(count == 2 ? words[1] : nullptr, {acquire, release});
}
