// A class of one's own around mutexes, and a guard of its own: the line in the class that locks all of them tells no inversion from another.
// The locks have no names, so that only the code that uses the class does. A loop that locks several at one line is no such class.
//
// expect: two
//   acquisitions 8
//   dependencies 4
//   finding lock-order-cycle potential edges=2 functions=pay,audit
//   finding lock-order-cycle potential edges=2 functions=evict,rebuild
// expect: agreed
//   acquisitions 8
//   dependencies 4
//   clean
// expect: loop
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 functions=enter via=lock_all

#include <pthread.h>

#include <array>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

class monitor {
public:
    void enter() { pthread_mutex_lock(&mutex_); }
    void leave() { pthread_mutex_unlock(&mutex_); }

private:
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

class inside {
public:
    explicit inside(monitor& of) : of_{of} { of_.enter(); }
    inside(const inside&) = delete;
    inside& operator=(const inside&) = delete;
    ~inside() { of_.leave(); }

private:
    monitor& of_;
};

struct pair {
    monitor first;
    monitor second;
};

void pay(pair& of) {
    const inside held(of.first);
    const inside wanted(of.second);
}

void audit(pair& of) {
    const inside held(of.second);
    const inside wanted(of.first);
}

void evict(pair& of) {
    const inside held(of.first);
    const inside wanted(of.second);
}

void rebuild(pair& of) {
    const inside held(of.second);
    const inside wanted(of.first);
}

void lock_all(std::array<monitor*, 2> all) {
    for (monitor* one : all) one->enter();
    for (monitor* one : all) one->leave();
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    pair accounts;
    pair caches;
    std::thread one([&] {
        await_turn(0);
        if (how == "loop") {
            lock_all({&accounts.first, &accounts.second});
        } else {
            pay(accounts);
            evict(caches);
        }
        give_turn(1);
    });
    std::thread other([&] {
        await_turn(1);
        if (how == "loop") {
            lock_all({&accounts.second, &accounts.first});
        } else if (how == "two") {
            audit(accounts);
            rebuild(caches);
        } else {
            pay(accounts);
            evict(caches);
        }
    });
    one.join();
    other.join();
    return 0;
}
