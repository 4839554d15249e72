// Readers do not order each other: what one writes elsewhere, another reader must not read.
#include <mutex>
#include <shared_mutex>

#include "tests/programs/race/both.hpp"

static std::shared_mutex guard;
static int table = 1;
static int aside = 0;

int main() {
    both(
        [] {
            std::unique_lock exclusive(guard, std::defer_lock);
            std::shared_lock with_others(guard, std::defer_lock);
            if (racy)
                with_others.lock();
            else
                exclusive.lock();
            aside = table;
        },
        [] {
            const std::shared_lock lock(guard);
            look(aside);
        });
}
