// A value set after one nesting and waited for before the other: future set to get orders them. std::future is header code, of
// which interposition sees a bare futex at most, so a program nobody changed gets `potential`; interlock::future will say more.
//
// expect: between
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
// expect: agreed
//   acquisitions 4
//   dependencies at-least 2
//   clean

#include <future>
#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/blocked.h"

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
    const bool agreed = count == 2 && std::string_view(words[1]) == "agreed";
    std::promise<int> promise;
    std::thread one([&promise] {
        await_blocked(&getter);
        forward();
        promise.set_value(1);
    });
    std::thread other([&promise, agreed] {
        std::future<int> future = promise.get_future();
        say_thread(&getter);
        future.get();
        agreed ? forward() : backward();
    });
    one.join();
    other.join();
    return 0;
}
