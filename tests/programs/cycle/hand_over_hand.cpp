// A list walked with hand-over-hand locking: the next node is requested while the one before it is held. Walks in one direction
// are clean; a walk backward beside a walk forward inverts each of the three neighbouring pairs,
// always by the same function: one defect.
//
// expect: backward
//   acquisitions 8
//   dependencies 6
//   finding lock-order-cycle potential edges=2 locks=nodes[0],nodes[1] functions=walk
// expect: forward
//   acquisitions 8
//   dependencies 6
//   clean

#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex nodes[4];

void walk(int turn, int from, int step) {
    await_turn(turn);
    nodes[from].lock();
    for (int i = 0; i < 3; ++i, from += step) {
        nodes[from + step].lock();
        nodes[from].unlock();
    }
    nodes[from].unlock();
    give_turn(turn + 1);
}

}  // namespace

int main(int count, char** words) {
    const bool backward = count == 2 && std::string_view(words[1]) == "backward";
    std::thread one(walk, 0, 0, 1);
    std::thread other(walk, 1, backward ? 3 : 0, backward ? -1 : 1);
    one.join();
    other.join();
    return 0;
}
