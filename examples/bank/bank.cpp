// A bank that can deadlock and, in this run, does not: alice pays her rent to bob, and later bob refunds it.
// Both lock two accounts, the payer's first; so they lock them in opposite orders. Plain C++, unaware of interlock.
#include <array>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <thread>

#include <pthread.h>

namespace {

struct account {
    std::mutex m;
    long balance_cents = 0;
    long transfers = 0;
};

constexpr std::size_t alices = 0;
constexpr std::size_t bobs = 1;
constexpr int months = 12;

std::array<account, 2> accounts;
std::atomic<int> refunds_due = 0;
std::atomic<bool> year_is_over = false;

void transfer(account& from, account& to, long cents) {
    std::unique_lock from_lock(from.m);
    std::unique_lock to_lock(to.m);
    from.balance_cents -= cents;
    to.balance_cents += cents;
    ++from.transfers;
}

void pay_rent() {
    pthread_setname_np(pthread_self(), "alice");
    for (int month = 0; month < months; ++month) {
        transfer(accounts[alices], accounts[bobs], 95'000);
        refunds_due.fetch_add(month % 6 == 5 ? 1 : 0);
    }
    year_is_over.store(true);
}

// bob looks at his post once a year, which is luck and not locking: nothing keeps him from refunding earlier.
void refund() {
    pthread_setname_np(pthread_self(), "bob");
    while (!year_is_over.load()) std::this_thread::yield();
    for (int left = refunds_due.load(); left > 0; --left) transfer(accounts[bobs], accounts[alices], 4'000);
}

}  // namespace

int main() {
    accounts[alices].balance_cents = 2'000'000;
    std::thread alice(pay_rent);
    std::thread bob(refund);
    alice.join();
    bob.join();
    std::printf("alice has %ld.%02ld, bob has %ld.%02ld\n", accounts[alices].balance_cents / 100,
                accounts[alices].balance_cents % 100, accounts[bobs].balance_cents / 100,
                accounts[bobs].balance_cents % 100);
}
