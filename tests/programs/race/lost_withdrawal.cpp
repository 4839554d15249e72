// A balance read in one section and written in another: what the other thread withdrew in between is undone, though every access is
// guarded. The clean twin looks again. Who comes when is fixed by flags that order nothing.
// kind: atomicity-violation
// compiler: g++
// memory: global balance
#include <sched.h>

#include <mutex>

#include "tests/programs/race/both.hpp"

static std::mutex guard;
static long balance = 100;
static int turn = 0;

static void wait_for(int number) {
    while (__atomic_load_n(&turn, __ATOMIC_RELAXED) != number) sched_yield();
}
static void pass_on(int number) { __atomic_store_n(&turn, number, __ATOMIC_RELAXED); }

static void withdraw_slowly() {
    guard.lock();
    const long seen = balance;
    guard.unlock();
    pass_on(1);
    wait_for(2);
    guard.lock();
    balance = (racy ? seen : balance) - 10;
    guard.unlock();
}

static void withdraw() {
    wait_for(1);
    guard.lock();
    balance -= 30;
    guard.unlock();
    pass_on(2);
}

int main() { both(withdraw_slowly, withdraw); }
