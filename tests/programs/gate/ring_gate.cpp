// A ring of three threads. A gate that any two of them share keeps it from closing; a gate that one of them holds does not.
//
// expect: two
//   acquisitions 8
//   dependencies 5
//   finding lock-order-cycle guarded edges=3 locks=locks[0],locks[1],locks[2] guards=gate
// expect: three
//   acquisitions 9
//   dependencies 6
//   finding lock-order-cycle guarded edges=3 guards=gate
// expect: one
//   acquisitions 7
//   dependencies 4
//   finding lock-order-cycle potential edges=3
// expect: agreed
//   acquisitions 8
//   dependencies 5
//   clean

#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/programs/hand_over.h"

namespace {

std::mutex gate;
std::mutex locks[3];

void side(int turn, bool gated, std::mutex* held, std::mutex* wanted) {
    await_turn(turn);
    {
        std::unique_lock behind(gate, std::defer_lock);
        if (gated) behind.lock();
        const std::lock_guard first(*held);
        const std::lock_guard second(*wanted);
    }
    give_turn(turn + 1);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    const int gated = how == "one" ? 1 : how == "three" ? 3 : 2;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        std::mutex* held = &locks[i];
        std::mutex* wanted = &locks[(i + 1) % 3];
        if (how == "agreed" && i == 2) std::swap(held, wanted);
        threads.emplace_back(side, i, i < gated, held, wanted);
    }
    for (std::thread& thread : threads) thread.join();
    return 0;
}
