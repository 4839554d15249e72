// The same question with std::thread, std::jthread and std::async: what a constructor, a join or a destructor orders.
//
// expect: jthread-destroyed
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b functions=forward,backward
// expect: thread-joined
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b functions=forward,backward
// expect: async-destroyed
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle ordered edges=2 locks=a,b functions=forward,backward
// expect: async-beside
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: jthreads-beside
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <future>
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

void forward_first() {
    await_turn(0);
    forward();
    give_turn(1);
}

void backward_second() {
    await_turn(1);
    backward();
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    if (how == "jthread-destroyed") {
        { const std::jthread first(forward); }
        { const std::jthread second(backward); }
    } else if (how == "thread-joined") {
        std::thread first(forward);
        first.join();
        backward();
    } else if (how == "async-destroyed") {
        { const auto first = std::async(std::launch::async, forward); }
        { const auto second = std::async(std::launch::async, backward); }
    } else if (how == "async-beside") {
        const auto first = std::async(std::launch::async, forward_first);
        const auto second = std::async(std::launch::async, backward_second);
    } else if (how == "jthreads-beside") {
        const std::jthread first(forward_first);
        const std::jthread second(backward_second);
    } else {
        { const std::jthread first(forward); }
        { const std::jthread second(forward); }
    }
    return 0;
}
