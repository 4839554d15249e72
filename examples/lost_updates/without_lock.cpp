// A counter that two threads increase without a lock: each reads, adds one, writes, and what the other wrote between is lost.
// Locks are not involved, so there is nothing that lock analysis could say.
//
// expect:
//   acquisitions 0
//   dependencies 0
//   threads 3
//   clean

#include <interlock/thread.hpp>

namespace {

long counter = 0;

void count() {
    for (int i = 0; i < 1000; ++i) counter += 1;
}

}  // namespace

int main() {
    interlock::thread one("one", count);
    interlock::thread other("other", count);
    one.join();
    other.join();
    return counter > 2000;  // less is what happens
}
