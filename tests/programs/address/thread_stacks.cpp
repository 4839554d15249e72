// Threads that come and go on the same stack, each with two locks of its own in it that a helper thread nests too: a thousand
// generations at one address, in both orders, and no two of them ever met.
//
// expect:
//   acquisitions 4000
//   dependencies at-least 1000
//   clean

#include <mutex>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

void nest(std::mutex& first, std::mutex& second) {
    const std::lock_guard held(first);
    const std::lock_guard wanted(second);
}

void generation(int number) {
    std::mutex low;
    std::mutex high;
    std::mutex& first = number % 2 == 0 ? low : high;
    std::mutex& second = number % 2 == 0 ? high : low;
    nest(first, second);
    std::thread helper([&] { nest(first, second); });
    helper.join();
}

}  // namespace

int main() {
    for (int number = 0; number < 1000; ++number) std::thread(generation, number).join();
    return 0;
}
