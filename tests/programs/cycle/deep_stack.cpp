// The requests happen fifty calls below the locked scopes: the report still says whose function holds and whose wants.
//
// expect: inverted
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=inner,outer functions=want_inner,want_outer
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex inner;
std::mutex outer;

void want_inner() { const std::lock_guard wanted(inner); }

void want_outer() { const std::lock_guard wanted(outer); }

void descend(int levels, void (*then)()) {
    if (levels == 0)
        then();
    else
        descend(levels - 1, then);
}

}  // namespace

int main(int count, char** words) {
    const bool agreed = count == 2 && std::string_view(words[1]) == "agreed";
    std::thread one([] {
        await_turn(0);
        {
            const std::lock_guard held(outer);
            descend(50, want_inner);
        }
        give_turn(1);
    });
    std::thread other([agreed] {
        await_turn(1);
        const std::lock_guard held(agreed ? outer : inner);
        descend(50, agreed ? want_inner : want_outer);
    });
    one.join();
    other.join();
    return 0;
}
