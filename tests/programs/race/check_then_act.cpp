// The check made outside of the lock that guards the act.
#include <mutex>

#include "tests/programs/race/both.hpp"

static std::mutex guard;
static int balance = 100;

static void withdraw() {
    for (int i = 0; i < 20; ++i) {
        std::unique_lock lock(guard, std::defer_lock);
        if (!racy) lock.lock();
        if (balance < 10) return;
        if (racy) lock.lock();
        balance -= 10;
    }
}

int main() { both(withdraw, withdraw); }
