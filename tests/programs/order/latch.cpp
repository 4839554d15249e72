// A latch counted down after one nesting and waited for before the other orders them. std::latch is header code on a bare futex, whose
// meaning nobody sees: the cycle stays `potential`, and that something was not understood is told where somebody had to wait.
//
// expect: waits
//   acquisitions 4
//   dependencies 2
//   blind bare futex
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: comes-later
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <latch>
#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

namespace {

std::mutex a;
std::mutex b;
std::latch done{1};
int waiter;

void forward() {
    const std::lock_guard held(a);
    const std::lock_guard wanted(b);
}

void backward() {
    const std::lock_guard held(b);
    const std::lock_guard wanted(a);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    std::thread one([how] {
        if (how == "waits") await_blocked(&waiter);
        forward();
        done.count_down();
        give_turn(1);
    });
    std::thread other([how] {
        if (how != "waits") await_turn(1);
        say_thread(&waiter);
        done.wait();
        how == "agreed" ? forward() : backward();
    });
    one.join();
    other.join();
    return 0;
}
