// A ring of N threads, each of which holds its own lock and wants its neighbour's. In a broken ring the last one asks in the
// order of the others, so nothing closes.
//
// expect: 5
//   acquisitions 10
//   dependencies 5
//   threads 6
//   finding lock-order-cycle potential edges=5 functions=neighbour
// expect: 30
//   acquisitions 60
//   dependencies 30
//   threads 31
//   finding lock-order-cycle potential edges=30 functions=neighbour
// expect: 100
//   acquisitions 200
//   dependencies 100
//   threads 101
//   finding lock-order-cycle potential edges=100 functions=neighbour
// expect: 5 broken
//   acquisitions 10
//   dependencies 5
//   clean
// expect: 100 broken
//   acquisitions 200
//   dependencies 100
//   clean

#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/programs/hand_over.h"

namespace {

void neighbour(int turn, std::mutex& own, std::mutex& next) {
    await_turn(turn);
    own.lock();
    next.lock();
    next.unlock();
    own.unlock();
    give_turn(turn + 1);
}

}  // namespace

int main(int count, char** words) {
    const std::size_t size = count > 1 ? std::strtoul(words[1], nullptr, 10) : 0;
    if (size < 2) return 2;
    const bool broken = count > 2;
    std::vector<std::mutex> locks(size);
    std::vector<std::thread> threads;
    for (std::size_t at = 0; at < size; ++at) {
        std::mutex* own = &locks[at];
        std::mutex* next = &locks[(at + 1) % size];
        if (broken && at + 1 == size) std::swap(own, next);
        threads.emplace_back(neighbour, static_cast<int>(at), std::ref(*own), std::ref(*next));
    }
    for (std::thread& thread : threads) thread.join();
    return 0;
}
