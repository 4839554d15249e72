// Whoever runs an initialiser holds it like a lock: everybody else waits for it. If it needs a lock that another thread holds
// while it waits for the initialiser, both wait for ever. Here the two come after each other: the initialiser has released the
// lock before the other thread arrives.
//
// expect: once
//   acquisitions 2
//   dependencies 2
//   finding lock-order-cycle potential edges=2 no=none
// expect: static-local
//   acquisitions 2
//   dependencies 2
//   finding lock-order-cycle potential edges=2 no=none
// expect: once-unheld
//   acquisitions 2
//   dependencies at-least 1
//   clean
// expect: static-local-unheld
//   acquisitions 2
//   dependencies at-least 1
//   clean

#include <pthread.h>

#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

namespace {

std::mutex m;
pthread_once_t once_flag = PTHREAD_ONCE_INIT;
int waiter;

void set_up() {
    { const std::lock_guard held(m); }
    give_turn(1);
    await_blocked(&waiter);
}

struct service {
    service() { set_up(); }
    int value = 1;
};

int by_static_local() {
    static const service only;
    return only.value;
}

void initialise(bool by_once) {
    if (by_once)
        pthread_once(&once_flag, set_up);
    else
        by_static_local();
}

void arrive(bool by_once, bool holding) {
    await_turn(1);
    std::unique_lock held(m);
    if (!holding) held.unlock();
    say_thread(&waiter);
    initialise(by_once);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    const bool by_once = how.starts_with("once");
    std::thread one(initialise, by_once);
    std::thread other(arrive, by_once, !how.ends_with("unheld"));
    one.join();
    other.join();
    return 0;
}
