// The patterns over binary semaphores: initial value one, posted by their holder alone, so each is a lock.
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

#include <semaphore.h>

#include "tests/programs/pattern/play.hpp"

namespace {

sem_t a;
sem_t b;
sem_t c;
sem_t d;
sem_t* const locks[] = {&a, &b, &c, &d};

void acquire(int lock) { sem_wait(locks[lock]); }

void release(int lock) { sem_post(locks[lock]); }

}  // namespace

int main(int count, char** words) {
    for (sem_t* lock : locks) sem_init(lock, 0, 1);
    return play(count == 2 ? words[1] : nullptr, {acquire, release});
}
