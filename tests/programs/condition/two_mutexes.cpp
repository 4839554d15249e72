// A wait with one mutex under another one, beside a thread that locks the two the other way round. The lock and the wait ask
// for the inner mutex in the same function: one defect, one finding.
//
// expect: inverted
//   acquisitions 6
//   dependencies at-least 3
//   finding lock-order-cycle potential edges=2 locks=inner,outer
// expect: agreed
//   acquisitions 6
//   dependencies at-least 3
//   clean

#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex outer;
std::mutex inner;
std::condition_variable ready;
bool is_ready = false;

void waiter() {
    {
        const std::lock_guard held(outer);
        std::unique_lock lock(inner);
        give_turn(1);
        ready.wait(lock, [] { return is_ready; });
    }
    give_turn(2);
}

void nest(std::mutex& first, std::mutex& second) {
    await_turn(2);
    const std::lock_guard held(first);
    const std::lock_guard wanted(second);
}

}  // namespace

int main(int count, char** words) {
    const bool agreed = count == 2 && std::string_view(words[1]) == "agreed";
    std::thread one(waiter);
    std::thread other(nest, std::ref(agreed ? outer : inner), std::ref(agreed ? inner : outer));
    await_turn(1);
    {
        const std::lock_guard held(inner);
        is_ready = true;
        ready.notify_one();
    }
    one.join();
    other.join();
    return 0;
}
