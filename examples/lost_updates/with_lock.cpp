// The counter of without_lock.cpp, each update under a lock: nothing is lost.
//
// expect:
//   stdout 2000
//   acquisitions 2000
//   dependencies 0
//   threads 3
//   clean

#include <interlock/mutex.hpp>
#include <interlock/thread.hpp>

#include <cstdio>

namespace {

interlock::mutex m{"m"};
long counter = 0;

void count() {
    for (int i = 0; i < 1000; ++i) {
        const std::lock_guard held(m);
        counter += 1;
    }
}

}  // namespace

int main() {
    interlock::thread one("one", count);
    interlock::thread other("other", count);
    one.join();
    other.join();
    std::printf("%ld\n", counter);
}
