// interlock::mutex by the names it was given: alice locks a then b, bob locks b then a (or, agreed, a then b). One is initialised before
// the program runs, the other constructed while it does; a third is named later.
//
// expect: inverted
//   acquisitions 5
//   dependencies 2
//   threads 3
//   finding lock-order-cycle potential edges=2 locks=accounts.a,accounts.b threads=alice,bob functions=transfer,refund modes=EE,EE
// expect: agreed
//   acquisitions 5
//   dependencies 2
//   threads 3
//   clean
// expect: renamed
//   acquisitions 5
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=accounts.a,later functions=transfer,refund
// expect: by-native-handle
//   acquisitions 6
//   dependencies 0
//   clean

#include <interlock/mutex.hpp>

#include <pthread.h>

#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

struct bank {
    interlock::mutex b{"accounts.b"};
};

constinit interlock::mutex a{"accounts.a"};

void transfer(bank& of) {
    const std::lock_guard held(a);
    const std::lock_guard wanted(of.b);
}

void refund(bank& of) {
    const std::lock_guard held(of.b);
    const std::lock_guard wanted(a);
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    if (how == "by-native-handle") {
        for (int i = 0; i < 3; ++i) {
            a.lock();
            pthread_mutex_unlock(a.native_handle());
            pthread_mutex_lock(a.native_handle());
            a.unlock();
        }
        return 0;
    }
    bank of;
    if (how == "renamed") of.b.set_label("later");
    std::thread alice([&] {
        pthread_setname_np(pthread_self(), "alice");
        await_turn(0);
        transfer(of);
        give_turn(1);
    });
    std::thread bob([&] {
        pthread_setname_np(pthread_self(), "bob");
        await_turn(1);
        if (how == "agreed")
            transfer(of);
        else
            refund(of);
    });
    alice.join();
    bob.join();
    interlock::mutex unnamed;
    if (unnamed.try_lock()) unnamed.unlock();
    return 0;
}
