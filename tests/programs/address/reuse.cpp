// Two locks live and die; two others are born at the same addresses and are nested in the opposite order of addresses. Each
// case checks that the addresses really are the same (status 3 if not). Only `kept` nests the same two locks both ways.
//
// expect: heap
//   acquisitions 4
//   dependencies 2
//   clean
// expect: stack
//   acquisitions 4
//   dependencies 2
//   clean
// expect: placement
//   acquisitions 4
//   dependencies 2
//   clean
// expect: shared-heap
//   acquisitions 4
//   dependencies 2
//   clean
// expect: kept
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 functions=nest

#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <shared_mutex>
#include <string_view>

#include "tests/programs/address/worker.hpp"

namespace {

template <class Mutex>
void nest(Mutex& first, Mutex& second) {
    const std::lock_guard held(first);
    const std::lock_guard wanted(second);
}

template <class Mutex>
struct pair {
    Mutex low;
    Mutex high;
};

void same_place(const void* before, const void* now) {
    if (before != now) std::_Exit(3);
}

template <class Mutex>
void on_heap(worker& one, worker& other) {
    auto locks = std::make_unique<pair<Mutex>>();
    const void* before = locks.get();
    one.run([&] { nest(locks->low, locks->high); });
    locks.reset();
    locks = std::make_unique<pair<Mutex>>();
    same_place(before, locks.get());
    other.run([&] { nest(locks->high, locks->low); });
}

[[gnu::noinline]] const void* on_stack(worker& runs, bool forward) {
    pair<std::mutex> locks;
    runs.run([&] { forward ? nest(locks.low, locks.high) : nest(locks.high, locks.low); });
    void* volatile place = &locks;
    return place;
}

void in_place(worker& one, worker& other) {
    alignas(pair<std::mutex>) static unsigned char room[sizeof(pair<std::mutex>)];
    auto* locks = new (room) pair<std::mutex>;
    one.run([&] { nest(locks->low, locks->high); });
    locks->~pair<std::mutex>();
    locks = new (room) pair<std::mutex>;
    other.run([&] { nest(locks->high, locks->low); });
    locks->~pair<std::mutex>();
}

void kept(worker& one, worker& other) {
    pair<std::mutex> locks;
    one.run([&] { nest(locks.low, locks.high); });
    other.run([&] { nest(locks.high, locks.low); });
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    worker one(1);
    worker other(2);
    if (how == "heap") on_heap<std::mutex>(one, other);
    if (how == "shared-heap") on_heap<std::shared_mutex>(one, other);
    if (how == "placement") in_place(one, other);
    if (how == "kept") kept(one, other);
    if (how == "stack") {
        const void* before = on_stack(one, true);
        same_place(before, on_stack(other, false));
    }
    return 0;
}
