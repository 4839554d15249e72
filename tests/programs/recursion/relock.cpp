// Recursive mutexes: acquiring again what one holds is no request that can wait, so it makes no edge; a lock is held until its
// last release.
//
// expect: again-inside
//   acquisitions 5
//   dependencies 2
//   clean
// expect: twice-then-other
//   acquisitions 5
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: released-once
//   acquisitions 5
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: released-fully
//   acquisitions 5
//   dependencies 1
//   clean
// expect: thousand-deep
//   acquisitions 1002
//   dependencies 1
//   clean

#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::recursive_mutex a;
std::mutex b;

void one(std::string_view how) {
    await_turn(0);
    if (how == "again-inside") {
        a.lock();
        b.lock();
        a.lock();
        a.unlock();
        b.unlock();
        a.unlock();
    } else if (how == "thousand-deep") {
        for (int i = 0; i < 1000; ++i) a.lock();
        for (int i = 0; i < 1000; ++i) a.unlock();
    } else {
        a.lock();
        a.lock();
        if (how != "twice-then-other") a.unlock();
        if (how == "released-fully") a.unlock();
        b.lock();
        b.unlock();
        if (how == "twice-then-other") a.unlock();
        if (how != "released-fully") a.unlock();
    }
    give_turn(1);
}

void other(std::string_view how) {
    await_turn(1);
    if (how == "again-inside") {
        const std::lock_guard held(a);
        const std::lock_guard wanted(b);
    } else {
        const std::lock_guard held(b);
        const std::lock_guard wanted(a);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    std::thread first(one, words[1]);
    std::thread second(other, words[1]);
    first.join();
    second.join();
    return 0;
}
