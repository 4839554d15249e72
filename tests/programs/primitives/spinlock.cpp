// Spin locks: an inversion of two is found like any other; blocking while holding one is told, and so is holding one for longer than its bound.
//
// expect: blocking
//   only full
//   acquisitions 3
//   dependencies 1
//   finding spinlock-held-blocking observed locks=spin functions=block
// expect: not_blocking
//   only full
//   acquisitions 3
//   dependencies 0
//   clean
// expect: inverted
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=spin,ticket
// expect: long
//   acquisitions 1
//   dependencies 0
//   finding spinlock-held-long observed locks=ticket functions=dawdle
// expect: short
//   acquisitions 1
//   dependencies 0
//   clean

#include <interlock/mutex.hpp>
#include <interlock/spinlock.hpp>

#include <chrono>
#include <string_view>
#include <thread>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

namespace {

constinit interlock::mutex slow{"slow"};
constinit interlock::spinlock spin{"spin"};
constinit interlock::ticket_lock ticket{"ticket"};
int blocker;

void block() {
    say_thread(&blocker);
    const std::lock_guard held(slow);
}

/// Holds it past its bound, by the very clock that measures it.
void dawdle(bool dawdles) {
    const std::lock_guard held(ticket);
    const auto end = std::chrono::steady_clock::now() + 2 * interlock::ticket_lock::bound;
    while (dawdles && std::chrono::steady_clock::now() < end) sched_yield();
}

void against_the_slow(bool holding_the_spinlock) {
    slow.lock();
    std::thread other([&] {
        if (holding_the_spinlock) {
            const std::lock_guard held(spin);
            block();
            return;
        }
        { const std::lock_guard held(spin); }
        block();
    });
    await_blocked(&blocker);
    slow.unlock();
    other.join();
}

template <typename First, typename Second>
void nest(First& first, Second& second) {
    const std::lock_guard held(first);
    const std::lock_guard wanted(second);
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    if (how == "blocking" || how == "not_blocking") against_the_slow(how == "blocking");
    if (how == "long" || how == "short") dawdle(how == "long");
    if (how == "inverted") {
        std::thread one([] {
            nest(spin, ticket);
            give_turn(1);
        });
        std::thread other([] {
            await_turn(1);
            nest(ticket, spin);
        });
        one.join();
        other.join();
    }
    return 0;
}
