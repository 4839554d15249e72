// The counter of without_lock.cpp as an atomic, which reads, adds and writes in one step: nothing is lost.
//
// expect:
//   stdout 2000
//   acquisitions 0
//   dependencies 0
//   threads 3
//   clean

#include <interlock/atomic.hpp>
#include <interlock/thread.hpp>

#include <cstdio>

namespace {

interlock::atomic<long> counter{0, "counter"};

void count() {
    for (int i = 0; i < 1000; ++i) counter += 1;
}

}  // namespace

int main() {
    interlock::thread one("one", count);
    interlock::thread other("other", count);
    one.join();
    other.join();
    std::printf("%ld\n", counter.load());
}
