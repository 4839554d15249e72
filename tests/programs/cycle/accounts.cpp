// Twenty accounts on the heap, money both ways within each pair, always by the same functions: ten pairs of
// locks, one defect. Locking the lower address first mends it.
//
// expect: careless
//   acquisitions 40
//   dependencies 20
//   finding lock-order-cycle potential edges=2 functions=transfer via=pay,refund
// expect: ordered
//   acquisitions 40
//   dependencies 20
//   clean

#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/programs/hand_over.h"

namespace {

struct account {
    std::mutex m;
    long money = 100;
};

bool careless;

void transfer(account& from, account& to, long amount) {
    std::mutex* first = &from.m;
    std::mutex* second = &to.m;
    if (!careless && std::less<>()(second, first)) std::swap(first, second);
    const std::lock_guard held(*first);
    const std::lock_guard wanted(*second);
    from.money -= amount;
    to.money += amount;
}

void pay(account& from, account& to) { transfer(from, to, 10); }

void refund(account& from, account& to) { transfer(to, from, 10); }

}  // namespace

int main(int count, char** words) {
    careless = count == 2 && std::string_view(words[1]) == "careless";
    std::vector<std::unique_ptr<account>> accounts;
    for (int i = 0; i < 20; ++i) accounts.push_back(std::make_unique<account>());
    std::thread one([&] {
        await_turn(0);
        for (std::size_t i = 0; i < 20; i += 2) pay(*accounts[i], *accounts[i + 1]);
        give_turn(1);
    });
    std::thread other([&] {
        await_turn(1);
        for (std::size_t i = 0; i < 20; i += 2) refund(*accounts[i], *accounts[i + 1]);
    });
    one.join();
    other.join();
    return 0;
}
