// What one can do wrong with an interlock::mutex, each with the right way beside it.
//
// expect: forgotten
//   acquisitions 1
//   dependencies 0
//   finding held-at-thread-exit observed locks=m functions=forget
// expect: remembered
//   acquisitions 1
//   dependencies 0
//   clean
// expect: unlocked_by_another
//   acquisitions 1
//   dependencies 0
//   finding unlock-not-owner observed locks=m functions=unlock_it
// expect: unlocked_twice
//   acquisitions 1
//   dependencies 0
//   finding unlock-not-held observed locks=m functions=unlock_twice
// expect: destroyed_while_held
//   acquisitions 1
//   dependencies 0
//   finding destroy-while-held observed locks=m functions=destroy

#include <interlock/mutex.hpp>

#include <optional>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

constinit interlock::mutex m{"m"};

void forget() { m.lock(); }

void unlock_it() { m.unlock(); }

void unlock_twice() {
    m.lock();
    m.unlock();
    m.unlock();
}

void destroy() {
    std::optional<interlock::mutex> held(std::in_place, "m");
    held->lock();
    held.reset();
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    if (how == "forgotten") std::thread(forget).join();
    if (how == "remembered") {
        std::thread([] {
            forget();
            unlock_it();
        }).join();
    }
    if (how == "unlocked_by_another") {
        std::thread other([] {
            await_turn(1);
            unlock_it();
            give_turn(2);
        });
        m.lock();
        give_turn(1);
        await_turn(2);
        other.join();
    }
    if (how == "unlocked_twice") unlock_twice();
    if (how == "destroyed_while_held") destroy();
    return 0;
}
