// One thread holds ten thousand locks at once, nested. The last one and the first one in the opposite order, by another thread,
// is an inversion of two locks, not a cycle of ten thousand.
//
// expect: 10000
//   acquisitions 10000
//   dependencies 9999
//   clean
// expect: 200 inverted
//   acquisitions 202
//   dependencies 200
//   finding lock-order-cycle potential edges=2
// expect: 10000 inverted
//   acquisitions 10002
//   dependencies 10000
//   finding lock-order-cycle potential edges=2

#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/programs/hand_over.h"

namespace {

void hold_all(std::vector<std::mutex>& locks) {
    await_turn(0);
    for (std::mutex& lock : locks) lock.lock();
    for (auto lock = locks.rbegin(); lock != locks.rend(); ++lock) lock->unlock();
    give_turn(1);
}

void last_then_first(std::vector<std::mutex>& locks) {
    await_turn(1);
    const std::lock_guard held(locks.back());
    const std::lock_guard wanted(locks.front());
}

}  // namespace

int main(int count, char** words) {
    if (count < 2) return 2;
    std::vector<std::mutex> locks(std::strtoul(words[1], nullptr, 10));
    std::thread one(hold_all, std::ref(locks));
    std::thread other;
    if (count > 2) other = std::thread(last_then_first, std::ref(locks));
    one.join();
    if (count > 2) other.join();
    return 0;
}
