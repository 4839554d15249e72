// std::lock while somebody holds its second lock: the try fails, it lets go of the first, waits for the second and tries the
// first. Still no order among the two.
//
// expect:
//   acquisitions at-least 4
//   dependencies at-least 1
//   clean
//   harmless hold-and-wait 1

#include <mutex>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex a;
std::mutex b;

void one() {
    await_turn(1);
    give_turn(2);
    const std::scoped_lock both(a, b);
}

void other() {
    {
        const std::lock_guard held(b);
        give_turn(1);
        await_turn(2);
        // Long enough that the other one meets b held in most runs; the expectation holds either way.
        for (int i = 0; i < 1000; ++i) sched_yield();
    }
    const std::scoped_lock both(b, a);
}

}  // namespace

int main() {
    std::thread first(one);
    std::thread second(other);
    first.join();
    second.join();
    return 0;
}
