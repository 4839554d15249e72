// A hundred thousand locks: each locked once, or each together with its neighbour, which makes a chain of as many edges.
//
// expect: single
//   acquisitions 100000
//   dependencies 0
//   clean
// expect: chain
//   acquisitions 100000
//   dependencies 99999
//   clean
// expect: chain-and-pair
//   acquisitions 100002
//   dependencies 100000
//   finding lock-order-cycle potential edges=2 functions=chain,turn_back

#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/programs/hand_over.h"

namespace {

constexpr std::size_t size = 100000;

void single(std::vector<std::mutex>& locks) {
    for (std::mutex& lock : locks) {
        lock.lock();
        lock.unlock();
    }
}

void chain(std::vector<std::mutex>& locks) {
    locks[0].lock();
    for (std::size_t at = 1; at < size; ++at) {
        locks[at].lock();
        locks[at - 1].unlock();
    }
    locks[size - 1].unlock();
}

void turn_back(std::vector<std::mutex>& locks) {
    const std::lock_guard held(locks[size / 2]);
    const std::lock_guard wanted(locks[size / 2 - 1]);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    std::vector<std::mutex> locks(size);
    std::thread one([&] {
        await_turn(0);
        how == "single" ? single(locks) : chain(locks);
        give_turn(1);
    });
    std::thread other([&] {
        await_turn(1);
        if (how == "chain-and-pair") turn_back(locks);
    });
    one.join();
    other.join();
    return 0;
}
