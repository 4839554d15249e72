// Never compiled: the lines that golden reports quote.
#include <mutex>

namespace {

struct account { std::mutex m; long cents = 0; };

void transfer(account& from, account& to, long cents)
{
    std::unique_lock from_lock(from.m);
    std::unique_lock to_lock(to.m);
    from.cents -= cents;
    to.cents += cents;
}

account accounts[2];
void pay_rent() { transfer(accounts[0], accounts[1], 95'000); }

} // namespace
