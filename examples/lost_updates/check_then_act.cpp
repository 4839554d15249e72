// Every access is locked, and an update is lost all the same: the lock is released between the check and what is done because of it.
// No order of locks is wrong here, and no access is unordered.
//
// expect:
//   stdout sold 2 of 1
//   acquisitions 4
//   dependencies 0
//   threads 3
//   clean

#include <interlock/mutex.hpp>
#include <interlock/thread.hpp>

#include <atomic>
#include <cstdio>

namespace {

interlock::mutex m{"m"};
int seats = 1;
int sold = 0;
std::atomic<int> have_looked = 0;

bool is_free() {
    const std::lock_guard held(m);
    return seats > sold;
}

void sell() {
    const std::lock_guard held(m);
    ++sold;
}

void book() {
    const bool may = is_free();
    ++have_looked;
    while (have_looked.load() != 2) std::this_thread::yield();  // luck, not locking: both look before one books
    if (may) sell();
}

}  // namespace

int main() {
    interlock::thread one("one", book);
    interlock::thread other("other", book);
    one.join();
    other.join();
    std::printf("sold %d of %d\n", sold, seats);
}
