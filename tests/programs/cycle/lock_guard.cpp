// The plain inversion with std::lock_guard and std::unique_lock: frames of the library are not what the user reads.
//
// expect: inverted
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=first,second functions=forward,backward
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex first;
std::mutex second;

void forward() {
    const std::lock_guard held(first);
    const std::unique_lock wanted(second);
}

void backward() {
    const std::unique_lock held(second);
    const std::lock_guard wanted(first);
}

}  // namespace

int main(int count, char** words) {
    const bool agreed = count == 2 && std::string_view(words[1]) == "agreed";
    std::thread one([] {
        await_turn(0);
        forward();
        give_turn(1);
    });
    std::thread other([agreed] {
        await_turn(1);
        agreed ? forward() : backward();
    });
    one.join();
    other.join();
    return 0;
}
