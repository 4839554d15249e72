// One thread locks both ways. It cannot meet itself, so this is no deadlock; it is worth a warning, since the next thread that
// runs the same code makes it one.
//
// expect: main
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b functions=forward,backward no=circular_wait
// expect: worker
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b functions=forward,backward
// expect: two-workers
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: agreed
//   acquisitions 4
//   dependencies 1
//   clean

#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex a;
std::mutex b;

void forward() {
    const std::lock_guard held(a);
    const std::lock_guard wanted(b);
}

void backward() {
    const std::lock_guard held(b);
    const std::lock_guard wanted(a);
}

void both_ways(int turn) {
    await_turn(turn);
    forward();
    backward();
    give_turn(turn + 1);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    if (how == "main") {
        both_ways(0);
    } else if (how == "worker") {
        std::thread(both_ways, 0).join();
    } else if (how == "two-workers") {
        std::thread one(both_ways, 0);
        std::thread other(both_ways, 1);
        one.join();
        other.join();
    } else {
        for (int i = 0; i < 2; ++i) forward();
    }
    return 0;
}
