// The patterns over priority-inheriting pthread mutexes, whose spare bytes glibc leaves alone.
//
// expect: ABBA
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=section
// expect: ABBCCA
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle potential edges=3 locks=a,b,c functions=section
// expect: ABCABC
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle potential edges=3 locks=a,b,c functions=section
// expect: ABBCCDDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle potential edges=4 locks=a,b,c,d functions=section
// expect: ABCDBDDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle potential edges=3 locks=a,b,d functions=section
// expect: ABCDBCDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle potential edges=4 locks=a,b,c,d functions=section
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

#include "tests/programs/pattern/play.hpp"

namespace {

pthread_mutex_t a;
pthread_mutex_t b;
pthread_mutex_t c;
pthread_mutex_t d;
pthread_mutex_t* const locks[] = {&a, &b, &c, &d};

void acquire(int lock) { pthread_mutex_lock(locks[lock]); }

void release(int lock) { pthread_mutex_unlock(locks[lock]); }

}  // namespace

int main(int count, char** words) {
    pthread_mutexattr_t attribute;
    pthread_mutexattr_init(&attribute);
    pthread_mutexattr_setprotocol(&attribute, PTHREAD_PRIO_INHERIT);
    for (pthread_mutex_t* lock : locks) pthread_mutex_init(lock, &attribute);
    return play(count == 2 ? words[1] : nullptr, {acquire, release});
}
