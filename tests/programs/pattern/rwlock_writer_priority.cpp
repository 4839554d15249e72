// The patterns over pthread rwlocks that prefer writers, held and wanted for writing.
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

pthread_rwlock_t a = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
pthread_rwlock_t b = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
pthread_rwlock_t c = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
pthread_rwlock_t d = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
pthread_rwlock_t* const locks[] = {&a, &b, &c, &d};

void acquire(int lock) { pthread_rwlock_wrlock(locks[lock]); }

void release(int lock) { pthread_rwlock_unlock(locks[lock]); }

}  // namespace

int main(int count, char** words) { return play(count == 2 ? words[1] : nullptr, {acquire, release}); }
