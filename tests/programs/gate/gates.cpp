// Two threads lock a and b in opposite orders behind a third lock, the gate. What counts is what both sides hold at their second
// request, in modes that exclude each other.
//
// expect: both
//   acquisitions 6
//   dependencies 4
//   finding lock-order-cycle guarded edges=2 locks=a,b guards=gate no=circular_wait
// expect: tried
//   acquisitions 6
//   dependencies 4
//   finding lock-order-cycle guarded edges=2 locks=a,b guards=gate
// expect: shared-and-exclusive
//   acquisitions 6
//   dependencies 4
//   finding lock-order-cycle guarded edges=2 locks=a,b guards=readers_gate
// expect: shared
//   acquisitions 6
//   dependencies 4
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: one-side
//   acquisitions 5
//   dependencies 3
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: released-early
//   acquisitions 6
//   dependencies 4
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: two-gates
//   acquisitions 6
//   dependencies 4
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: agreed
//   acquisitions 6
//   dependencies 4
//   clean

#include <cstdlib>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex gate;
std::mutex other_gate;
std::shared_mutex readers_gate;
std::mutex a;
std::mutex b;

void nest(std::mutex& first, std::mutex& second) {
    const std::lock_guard held(first);
    const std::lock_guard wanted(second);
}

void one(std::string_view how) {
    if (how == "shared" || how == "shared-and-exclusive") {
        const std::shared_lock gated(readers_gate);
        nest(a, b);
    } else if (how == "released-early") {
        std::unique_lock gated(gate);
        const std::lock_guard held(a);
        gated.unlock();
        const std::lock_guard wanted(b);
    } else if (how == "tried") {
        const std::unique_lock gated(gate, std::try_to_lock);
        if (!gated) std::abort();
        nest(a, b);
    } else {
        const std::lock_guard gated(gate);
        nest(a, b);
    }
}

void other(std::string_view how) {
    if (how == "shared") {
        const std::shared_lock gated(readers_gate);
        nest(b, a);
    } else if (how == "shared-and-exclusive") {
        const std::lock_guard gated(readers_gate);
        nest(b, a);
    } else if (how == "one-side") {
        nest(b, a);
    } else if (how == "two-gates") {
        const std::lock_guard gated(other_gate);
        nest(b, a);
    } else if (how == "agreed") {
        const std::lock_guard gated(gate);
        nest(a, b);
    } else {
        const std::lock_guard gated(gate);
        nest(b, a);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    std::thread first([how] {
        await_turn(0);
        one(how);
        give_turn(1);
    });
    std::thread second([how] {
        await_turn(1);
        other(how);
    });
    first.join();
    second.join();
    return 0;
}
