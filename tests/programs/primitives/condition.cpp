// Waits on an interlock::condition_variable: one that looks again, one that trusts its wake-up (it is made a spurious one), and two mutexes on
// one condition at one time.
//
// expect: if
//   only full
//   options spurious_wakeups=1
//   acquisitions at-least 2
//   dependencies 0
//   finding wait-without-loop observed locks=filled functions=take
// expect: while
//   only full
//   options spurious_wakeups=1
//   acquisitions at-least 2
//   dependencies 0
//   clean
// expect: predicate
//   only full
//   options spurious_wakeups=1
//   acquisitions at-least 2
//   dependencies 0
//   clean
// expect: two_mutexes
//   only full
//   acquisitions at-least 6
//   dependencies 0
//   finding condition-two-mutexes observed locks=filled,n
// expect: one_mutex
//   only full
//   acquisitions at-least 6
//   dependencies 0
//   clean

#include <interlock/condition_variable.hpp>

#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

constinit interlock::mutex m{"m"};
constinit interlock::mutex n{"n"};
interlock::condition_variable filled{"filled"};
bool full;
int let_go;

void take(std::string_view how) {
    std::unique_lock held(m);
    give_turn(1);
    if (how == "if" && !full) filled.wait(held);
    while (how == "while" && !full) filled.wait(held);
    if (how == "predicate") filled.wait(held, [] { return full; });
}

void put() {
    {
        const std::lock_guard held(m);
        full = true;
    }
    filled.notify_one();
}

void wait_with(interlock::mutex& mine, int turn) {
    std::unique_lock held(mine);
    give_turn(turn);
    while (__atomic_load_n(&let_go, __ATOMIC_ACQUIRE) == 0) filled.wait(held);
}

void two_waiters(interlock::mutex& second) {
    std::thread one([] { wait_with(m, 1); });
    await_turn(1);
    { const std::lock_guard waits(m); }
    std::thread two([&] { wait_with(second, 2); });
    await_turn(2);
    {
        const std::scoped_lock wait(second);
        __atomic_store_n(&let_go, 1, __ATOMIC_RELEASE);
    }
    filled.notify_all();
    one.join();
    two.join();
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    if (how == "two_mutexes") two_waiters(n);
    if (how == "one_mutex") two_waiters(m);
    if (how == "two_mutexes" || how == "one_mutex") return 0;
    std::thread taker(take, how);
    await_turn(1);
    put();
    taker.join();
    return 0;
}
