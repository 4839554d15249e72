// Transfers between accounts, two ways to lock two of them.
//
//      transfers payer_first   the payer's account, then the payee's: two transfers in opposite directions can deadlock
//      transfers at_once       both by std::scoped_lock, which backs off: they cannot
//
// expect: payer_first
//   stdout 100 in all
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=alices,bobs functions=transfer threads=alice,bob
// expect: at_once
//   stdout 100 in all
//   acquisitions 4
//   dependencies at-least 2
//   harmless hold-and-wait 1
//   clean

#include <interlock/mutex.hpp>
#include <interlock/thread.hpp>

#include <atomic>
#include <cstdio>
#include <string_view>

namespace {

struct account {
    interlock::mutex m;
    int balance;
};

account alices{interlock::mutex{"alices"}, 60};
account bobs{interlock::mutex{"bobs"}, 40};
std::atomic<int> transfers_made = 0;

void move_money(account& from, account& to, int amount) {
    from.balance -= amount;
    to.balance += amount;
    ++transfers_made;
}

void transfer(account& from, account& to, int amount) {
    const std::lock_guard payer(from.m);
    const std::lock_guard payee(to.m);
    move_money(from, to, amount);
}

void transfer_at_once(account& from, account& to, int amount) {
    const std::scoped_lock both(from.m, to.m);
    move_money(from, to, amount);
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "payer_first";
    const auto pay = how == "at_once" ? transfer_at_once : transfer;
    interlock::thread alice("alice", [=] { pay(alices, bobs, 10); });
    interlock::thread bob("bob", [=] {
        while (transfers_made.load() == 0) std::this_thread::yield();  // luck, not locking
        pay(bobs, alices, 10);
    });
    alice.join();
    bob.join();
    std::printf("%d in all\n", alices.balance + bobs.balance);
}
