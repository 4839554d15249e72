// A value set after one nesting and waited for before the other: future set to get orders them. std::future is header code, of which
// interposition sees the setting, and the getting only where it waits: a value that is there already leaves the cycle `potential`, as
// does a promise broken after one nesting, which sets no value.
//
// expect: between
//   blind not bare futex
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle ordered edges=2 locks=a,b functions=forward,backward
// expect: exception-between
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle ordered edges=2 locks=a,b functions=forward,backward
// expect: set-first
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: broken
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: set-before
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: agreed
//   acquisitions 4
//   dependencies at-least 2
//   clean

#include <exception>
#include <future>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

namespace {

std::mutex a;
std::mutex b;
int getter;

void forward() {
    const std::lock_guard held(a);
    const std::lock_guard wanted(b);
}

void backward() {
    const std::lock_guard held(b);
    const std::lock_guard wanted(a);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    std::optional<std::promise<int>> promise(std::in_place);
    std::future<int> future = promise->get_future();
    if (how == "set-before") promise->set_value(1);
    std::thread one([&promise, how] {
        if (how != "set-before") await_blocked(&getter);
        if (how == "set-first") promise->set_value(1);
        forward();
        give_turn(1);
        if (how == "broken")
            promise.reset();
        else if (how == "exception-between")
            promise->set_exception(std::make_exception_ptr(1));
        else if (how != "set-before" && how != "set-first")
            promise->set_value(1);
    });
    std::thread other([&future, how] {
        say_thread(&getter);
        try {
            future.get();
        } catch (...) {
        }
        if (how == "set-first" || how == "set-before") await_turn(1);
        how == "agreed" ? forward() : backward();
    });
    one.join();
    other.join();
    return 0;
}
