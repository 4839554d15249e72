// A check and an act in two sections, with nothing between in this run: a hint, since another thread writes under the same lock. The clean twin
// does both in one section, and has a variable that only one thread writes.
// kind: atomicity-violation
// compiler: g++
// status: 0
#include <mutex>

#include "tests/programs/race/both.hpp"

static std::mutex guard;
static long level = 0;
static long own = 0;
static int written = 0;

static void confined() {
    guard.lock();
    const long seen = own;
    guard.unlock();
    guard.lock();
    own = seen + 1;
    guard.unlock();
}

static void raise(long by) {
    guard.lock();
    const long seen = level;
    if (!racy) level = seen + by;
    guard.unlock();
    if (!racy) return;
    guard.lock();
    level = seen + by;
    guard.unlock();
}

int main() {
    std::thread other([] {
        guard.lock();
        level = 5;
        guard.unlock();
        __atomic_store_n(&written, 1, __ATOMIC_RELAXED);
    });
    while (__atomic_load_n(&written, __ATOMIC_RELAXED) == 0) std::this_thread::yield();
    both([] { confined(); }, [] { raise(1); });
    other.join();
}
