// Threads are told by name, whoever gave it and whenever: the thread itself, its creator, before or after the fact, or nobody.
//
// expect: own
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 threads=reader,writer
// expect: given
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 threads=reader,writer
// expect: afterwards
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 threads=reader,writer
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

void nest(std::mutex& first, std::mutex& second) {
    const std::lock_guard held(first);
    const std::lock_guard wanted(second);
}

void side(std::string_view how, int turn, const char* name) {
    if (how == "own") pthread_setname_np(pthread_self(), name);
    await_turn(turn);
    turn == 1 || how == "agreed" ? nest(a, b) : nest(b, a);
    if (how == "afterwards") pthread_setname_np(pthread_self(), name);
    give_turn(turn + 1);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    std::thread one(side, how, 1, "reader");
    std::thread other(side, how, 2, "writer");
    if (how == "given") {
        pthread_setname_np(one.native_handle(), "reader");
        pthread_setname_np(other.native_handle(), "writer");
    }
    give_turn(1);
    one.join();
    other.join();
    return 0;
}
