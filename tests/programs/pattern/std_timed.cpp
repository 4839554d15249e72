// The patterns over std::timed_mutex, waited for with a time-out: every request gives up by itself.
//
// expect: ABBA
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 locks=a,b functions=acquire timed=2 no=no_preemption
// expect: ABBCCA
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle escapable edges=3 locks=a,b,c functions=acquire timed=3 no=no_preemption
// expect: ABCABC
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle escapable edges=3 locks=a,b,c functions=acquire timed=3 no=no_preemption
// expect: ABBCCDDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle escapable edges=4 locks=a,b,c,d functions=acquire timed=4 no=no_preemption
// expect: ABCDBDDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle escapable edges=3 locks=a,b,d functions=acquire timed=3 no=no_preemption
// expect: ABCDBCDA
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle escapable edges=4 locks=a,b,c,d functions=acquire timed=4 no=no_preemption
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

#include <chrono>
#include <cstdlib>
#include <mutex>

#include "tests/programs/pattern/play.hpp"

namespace {

std::timed_mutex a;
std::timed_mutex b;
std::timed_mutex c;
std::timed_mutex d;
std::timed_mutex* const locks[] = {&a, &b, &c, &d};

void acquire(int lock) {
    if (!locks[lock]->try_lock_for(std::chrono::minutes(1))) std::abort();
}

void release(int lock) { locks[lock]->unlock(); }

}  // namespace

int main(int count, char** words) { return play(count == 2 ? words[1] : nullptr, {acquire, release}); }
