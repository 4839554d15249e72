// A try that fails and is followed by a blocking request of the same lock: the request is what closes the cycle. A try that
// fails and gives up closes nothing.
//
// expect: blocks
//   acquisitions 5
//   dependencies at-least 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: gives-up
//   acquisitions 4
//   dependencies at-least 1
//   harmless hold-and-wait 1
//   clean

#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex a;
std::mutex b;

void one(bool blocks) {
    await_turn(1);
    const std::lock_guard held(a);
    if (b.try_lock()) std::abort();
    give_turn(2);
    await_turn(3);
    if (blocks) {
        b.lock();
        b.unlock();
    }
    give_turn(4);
}

void other() {
    await_turn(5);
    const std::lock_guard held(b);
    const std::lock_guard wanted(a);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    std::thread first(one, std::string_view(words[1]) == "blocks");
    std::thread second(other);
    b.lock();
    give_turn(1);
    await_turn(2);
    b.unlock();
    give_turn(3);
    await_turn(4);
    give_turn(5);
    first.join();
    second.join();
    return 0;
}
