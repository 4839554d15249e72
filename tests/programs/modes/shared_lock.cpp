// Two threads read two std::shared_mutex in opposite orders. A reader never waits for a reader here, so nothing can happen;
// with one writer among the requests it still cannot, with two exclusive holds it can.
//
// expect: read read
//   acquisitions 4
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean
// expect: read write
//   acquisitions 4
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean
// expect: write write
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=left,right modes=SE,SE functions=one,other

#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::shared_mutex left;
std::shared_mutex right;

void one(bool writes) {
    await_turn(0);
    {
        std::shared_lock held(left);
        if (writes) {
            std::unique_lock wanted(right);
        } else {
            std::shared_lock wanted(right);
        }
    }
    give_turn(1);
}

void other(bool writes) {
    await_turn(1);
    std::shared_lock held(right);
    if (writes) {
        std::unique_lock wanted(left);
    } else {
        std::shared_lock wanted(left);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) return 2;
    std::thread first(one, std::string_view(words[1]) == "write");
    std::thread second(other, std::string_view(words[2]) == "write");
    first.join();
    second.join();
    return 0;
}
