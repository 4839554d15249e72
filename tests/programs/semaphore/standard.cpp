// std::binary_semaphore is header code: atomics, and the kernel only where somebody may wait. Two of them crossed are no finding, since
// nobody sees who holds which; that something was not understood is told. A program without them says nothing of the kind.
//
// expect: crossed
//   acquisitions 0
//   dependencies 0
//   events futex_wake at-least 1
//   blind bare futex
//   clean
// expect: mutexes
//   acquisitions 4
//   dependencies 2
//   blind none
//   finding lock-order-cycle potential edges=2 locks=a,b

#include <mutex>
#include <semaphore>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::binary_semaphore first{1};
std::binary_semaphore second{1};
std::mutex a;
std::mutex b;

void nest(std::binary_semaphore& outer, std::binary_semaphore& inner) {
    outer.acquire();
    inner.acquire();
    inner.release();
    outer.release();
}

void nest(std::mutex& outer, std::mutex& inner) {
    const std::lock_guard held(outer);
    const std::lock_guard wanted(inner);
}

template <typename Lock>
void cross(Lock& x, Lock& y) {
    std::thread one([&] {
        nest(x, y);
        give_turn(1);
    });
    std::thread other([&] {
        await_turn(1);
        nest(y, x);
    });
    one.join();
    other.join();
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    if (std::string_view(words[1]) == "crossed")
        cross(first, second);
    else
        cross(a, b);
    return 0;
}
