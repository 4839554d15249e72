// Locks acquired when a thread is almost gone: in the destructor of a thread_local object and of a pthread key. They count.
//
// expect: thread-local
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: key
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: late-key
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <pthread.h>

#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex a;
std::mutex b;
std::string_view how;
pthread_key_t key;
thread_local int passes;

void forward() {
    const std::lock_guard held(a);
    const std::lock_guard wanted(b);
}

void backward() {
    const std::lock_guard held(b);
    const std::lock_guard wanted(a);
}

void last() {
    how == "agreed" ? forward() : backward();
    give_turn(1);
}

struct at_the_end {
    int used = 0;
    ~at_the_end() { last(); }
};

thread_local at_the_end local;

/// Runs once a pass over the keys; the fourth pass is the last one there is.
void destroy(void* value) {
    if (how == "late-key" && ++passes < 4)
        pthread_setspecific(key, value);
    else
        last();
}

void leaves() {
    if (how == "key" || how == "late-key")
        pthread_setspecific(key, &passes);
    else
        local.used = 1;
}

void stays() {
    await_turn(1);
    forward();
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    how = words[1];
    pthread_key_create(&key, destroy);
    std::thread one(leaves);
    std::thread other(stays);
    one.join();
    other.join();
    pthread_key_delete(key);
    return 0;
}
