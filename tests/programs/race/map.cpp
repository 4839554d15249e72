// A map under a shared mutex: found shared, inserted exclusive.
#include <map>
#include <mutex>
#include <shared_mutex>

#include "tests/programs/race/both.hpp"

static std::map<int, int> known;
static std::shared_mutex guard;

static void use(int from) {
    for (int i = from; i < from + 30; ++i) {
        std::unique_lock lock(guard, std::defer_lock);
        if (!racy) lock.lock();
        known[i % 40] += 1;
    }
    const std::shared_lock lock(guard);
    if (known.find(from) == known.end()) __builtin_trap();
}

static void look() {
    for (int i = 0; i < 30; ++i) {
        const std::shared_lock lock(guard);
        if (known.count(i) > 1) __builtin_trap();
    }
}

int main() {
    if (racy) {
        // Looked at without the lock, so that the tree itself stays whole.
        both([] { look(known.size()); },
             [] {
                 const std::unique_lock lock(guard);
                 known[1] = 1;
             });
        return 0;
    }
    both([] { use(0); },
         [] {
             look();
             use(15);
         });
}
