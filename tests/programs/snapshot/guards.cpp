// Two threads, each with a guard of the standard library on one lock, and wants the other's; prints "ready" once both wait. Ends by itself
// after two minutes.
//
//   guards lock_guard|scoped_lock|unique_lock|both|shared|moved
#include <unistd.h>

#include <functional>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <thread>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

namespace {

std::mutex a;
std::mutex b;
std::shared_mutex s;
std::shared_mutex t;
int stuck[2];

void meet(int which) {
    give_turn(current_turn() + 1);
    while (current_turn() != 2) sched_yield();
    say_thread(&stuck[which]);
}

/// One after the other, as meet() counts.
void begin(int which) { await_turn(which); }

void guarded(int which, std::mutex& own, std::mutex& other) {
    begin(which);
    const std::lock_guard hold(own);
    meet(which);
    const std::lock_guard want(other);
}

void scoped(int which, std::mutex& own, std::mutex& other) {
    begin(which);
    const std::scoped_lock hold(own);
    meet(which);
    const std::scoped_lock want(other);
}

void unique(int which, std::mutex& own, std::mutex& other) {
    begin(which);
    std::unique_lock hold(own);
    meet(which);
    std::unique_lock want(other);
}

void both(int which, std::mutex& own, std::mutex& other) {
    begin(which);
    std::mutex mine;
    const std::scoped_lock hold(mine, own);
    meet(which);
    const std::lock_guard want(other);
}

void shared(int which, std::shared_mutex& own, std::shared_mutex& other) {
    begin(which);
    const std::unique_lock hold(own);
    meet(which);
    const std::shared_lock want(other);
}

/// A guard that has given up its lock to somebody who is gone: it refers to nothing, and nothing on the stack does.
void moved(int which, std::mutex& own, std::mutex& other) {
    begin(which);
    std::unique_lock hold(own);
    hold.release();
    meet(which);
    const std::lock_guard want(other);
}

template <typename Work, typename Mutex>
void hang(Work work, Mutex& first, Mutex& second) {
    std::thread left(work, 0, std::ref(first), std::ref(second));
    std::thread right(work, 1, std::ref(second), std::ref(first));
    pthread_setname_np(left.native_handle(), "left");
    pthread_setname_np(right.native_handle(), "right");
    for (const int& one : stuck) await_blocked(&one);
    if (write(STDOUT_FILENO, "ready\n", 6) != 6) abort();
    for (;;) pause();
}

}  // namespace

int main(int words, char** word) {
    const std::string_view how = words == 2 ? word[1] : "";
    alarm(120);
    if (how == "lock_guard") hang(guarded, a, b);
    if (how == "scoped_lock") hang(scoped, a, b);
    if (how == "unique_lock") hang(unique, a, b);
    if (how == "both") hang(both, a, b);
    if (how == "shared") hang(shared, s, t);
    if (how == "moved") hang(moved, a, b);
    return 2;
}
