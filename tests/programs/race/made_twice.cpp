// A value computed outside of the lock because the check found none: what another thread has kept meanwhile is replaced. The clean twin
// keeps the same value, which loses nothing.
// kind: atomicity-violation
// compiler: g++
// memory: global kept
#include <sched.h>

#include <mutex>

#include "tests/programs/race/both.hpp"

static std::mutex guard;
static long kept = 0;
static int turn = 0;

static void wait_for(int number) {
    while (__atomic_load_n(&turn, __ATOMIC_RELAXED) != number) sched_yield();
}
static void pass_on(int number) { __atomic_store_n(&turn, number, __ATOMIC_RELAXED); }

int main() {
    both(
        [] {
            guard.lock();
            const bool is_there = kept != 0;
            guard.unlock();
            pass_on(1);
            wait_for(2);
            if (is_there) return;
            guard.lock();
            kept = 7;
            guard.unlock();
        },
        [] {
            wait_for(1);
            guard.lock();
            kept = racy ? 8 : 7;
            guard.unlock();
            pass_on(2);
        });
}
