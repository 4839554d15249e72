// The patterns over std::recursive_mutex.
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

#include <mutex>

#include "tests/programs/pattern/play.hpp"

namespace {

std::recursive_mutex a;
std::recursive_mutex b;
std::recursive_mutex c;
std::recursive_mutex d;
std::recursive_mutex* const locks[] = {&a, &b, &c, &d};

void acquire(int lock) { locks[lock]->lock(); }

void release(int lock) { locks[lock]->unlock(); }

}  // namespace

int main(int count, char** words) { return play(count == 2 ? words[1] : nullptr, {acquire, release}); }
