// The patterns over pthread_mutex_timedlock: every request gives up by itself.
//
// expect: ABBA
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 locks=a,b functions=section timed=2 no=no_preemption
// expect: ABBCCA
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle escapable edges=3 locks=a,b,c functions=section timed=3 no=no_preemption
// expect: ABCABC
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle escapable edges=3 locks=a,b,c functions=section timed=3 no=no_preemption
// expect: ABBCCDDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle escapable edges=4 locks=a,b,c,d functions=section timed=4 no=no_preemption
// expect: ABCDBDDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle escapable edges=3 locks=a,b,d functions=section timed=3 no=no_preemption
// expect: ABCDBCDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle escapable edges=4 locks=a,b,c,d functions=section timed=4 no=no_preemption
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
#include <cstdlib>
#include <ctime>

#include "tests/programs/pattern/play.hpp"

namespace {

pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t c = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t d = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t* const locks[] = {&a, &b, &c, &d};

void acquire(int lock) {
    timespec end{};
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 60;
    if (pthread_mutex_timedlock(locks[lock], &end) != 0) std::abort();
}

void release(int lock) { pthread_mutex_unlock(locks[lock]); }

}  // namespace

int main(int count, char** words) { return play(count == 2 ? words[1] : nullptr, {acquire, release}); }
