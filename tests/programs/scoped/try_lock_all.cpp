// std::try_lock and unique_locks that are deferred: what is only tried makes no cycle, what is deferred is locked when it says.
//
// expect: try_lock
//   acquisitions 4
//   dependencies 2
//   harmless hold-and-wait 1
//   clean
// expect: deferred
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=deferred

#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex a;
std::mutex b;

void tried(std::mutex& first, std::mutex& second) {
    if (std::try_lock(first, second) != -1) std::abort();
    first.unlock();
    second.unlock();
}

void deferred(std::mutex& first, std::mutex& second) {
    std::unique_lock wanted(second, std::defer_lock);
    const std::unique_lock held(first);
    wanted.lock();
}

void side(int turn, bool only_tries, std::mutex& first, std::mutex& second) {
    await_turn(turn);
    only_tries ? tried(first, second) : deferred(first, second);
    give_turn(turn + 1);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const bool only_tries = std::string_view(words[1]) == "try_lock";
    std::thread first(side, 0, only_tries, std::ref(a), std::ref(b));
    std::thread second(side, 1, only_tries, std::ref(b), std::ref(a));
    first.join();
    second.join();
    return 0;
}
