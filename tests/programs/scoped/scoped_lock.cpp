// std::scoped_lock and std::lock acquire several locks without deadlock among themselves, in whatever order they are named. A
// lock held around them is another matter: they do wait for the first one they are given, whichever that turns out to be.
//
// expect: opposite
//   acquisitions 4
//   dependencies 2
//   clean
//   harmless hold-and-wait 1
// expect: lock-adopt
//   acquisitions 4
//   dependencies 2
//   clean
//   harmless hold-and-wait 1
// expect: three
//   acquisitions 6
//   dependencies at-least 4
//   clean
//   harmless hold-and-wait 5
// expect: under-third
//   acquisitions 5
//   dependencies 3
//   finding lock-order-cycle potential edges=2 locks=b,c functions=under_third,third_last
//   harmless hold-and-wait 1
// expect: both-with-third
//   acquisitions 6
//   dependencies 4
//   finding lock-order-cycle potential edges=2 locks=a,c functions=under_third,both_then_third
//   harmless hold-and-wait 4
// expect: under-third-agreed
//   acquisitions 5
//   dependencies 3
//   clean
// expect: one-each
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=one_by_one,other_way

#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

std::mutex a;
std::mutex b;
std::mutex c;

void lock_both(std::mutex& first, std::mutex& second) {
    std::lock(first, second);
    const std::lock_guard one(first, std::adopt_lock);
    const std::lock_guard other(second, std::adopt_lock);
}

void under_third() {
    const std::lock_guard held(c);
    const std::scoped_lock both(a, b);
}

void third_last() {
    const std::lock_guard held(b);
    const std::lock_guard wanted(c);
}

void both_then_third() {
    const std::scoped_lock both(b, a);
    const std::lock_guard wanted(c);
}

void third_first() {
    const std::lock_guard held(c);
    const std::lock_guard wanted(b);
}

void one_by_one() {
    const std::scoped_lock held(a);
    const std::scoped_lock wanted(b);
}

void other_way() {
    const std::scoped_lock held(b);
    const std::scoped_lock wanted(a);
}

void one(std::string_view how) {
    if (how == "opposite") {
        const std::scoped_lock both(a, b);
    } else if (how == "lock-adopt") {
        lock_both(a, b);
    } else if (how == "three") {
        const std::scoped_lock all(a, b, c);
    } else if (how == "one-each") {
        one_by_one();
    } else {
        under_third();
    }
}

void other(std::string_view how) {
    if (how == "opposite") {
        const std::scoped_lock both(b, a);
    } else if (how == "lock-adopt") {
        lock_both(b, a);
    } else if (how == "three") {
        const std::scoped_lock all(c, b, a);
    } else if (how == "one-each") {
        other_way();
    } else if (how == "under-third") {
        third_last();
    } else if (how == "both-with-third") {
        both_then_third();
    } else {
        third_first();
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    std::thread first([how] {
        await_turn(0);
        one(how);
        give_turn(1);
    });
    std::thread second([how] {
        await_turn(1);
        other(how);
    });
    first.join();
    second.join();
    return 0;
}
