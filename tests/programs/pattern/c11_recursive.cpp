// The patterns over C11 mutexes (mtx_plain | mtx_recursive), which never reach the pthread functions.
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

#include <threads.h>

#include "tests/programs/pattern/play.hpp"

namespace {

mtx_t a;
mtx_t b;
mtx_t c;
mtx_t d;
mtx_t* const locks[] = {&a, &b, &c, &d};

void acquire(int lock) { mtx_lock(locks[lock]); }

void release(int lock) { mtx_unlock(locks[lock]); }

}  // namespace

int main(int count, char** words) {
    for (mtx_t* lock : locks) mtx_init(lock, mtx_plain | mtx_recursive);
    return play(count == 2 ? words[1] : nullptr, {acquire, release});
}
