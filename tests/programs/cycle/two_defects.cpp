// Two inversions that have nothing to do with each other are two findings; one inversion that happens a thousand times is one.
//
// expect: two
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle potential edges=2 locks=a,b functions=first_forward,first_backward
//   finding lock-order-cycle potential edges=2 locks=c,d functions=second_forward,second_backward
// expect: often
//   acquisitions 4000
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=first_forward,first_backward
// expect: agreed
//   acquisitions 4000
//   dependencies 2
//   clean

#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex a;
std::mutex b;
std::mutex c;
std::mutex d;

void first_forward() {
    const std::lock_guard held(a);
    const std::lock_guard wanted(b);
}

void first_backward() {
    const std::lock_guard held(b);
    const std::lock_guard wanted(a);
}

void second_forward() {
    const std::lock_guard held(c);
    const std::lock_guard wanted(d);
}

void second_backward() {
    const std::lock_guard held(d);
    const std::lock_guard wanted(c);
}

void forward(bool two, int times) {
    await_turn(0);
    for (int i = 0; i < times; ++i) first_forward();
    if (two) second_forward();
    give_turn(1);
}

void backward(bool two, int times, bool agreed) {
    await_turn(1);
    for (int i = 0; i < times; ++i) agreed ? first_forward() : first_backward();
    if (two) second_backward();
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const bool two = std::string_view(words[1]) == "two";
    const int times = two ? 1 : 1000;
    std::thread one(forward, two, times);
    std::thread other(backward, two, times, std::string_view(words[1]) == "agreed");
    one.join();
    other.join();
    return 0;
}
