// std::string, long and short, and C strings.
#include <cstring>
#include <mutex>
#include <string>

#include "tests/programs/race/both.hpp"

static std::string text = "short";
static char name[32] = "before";
static std::mutex guard;

int main() {
    both(
        [] {
            const std::lock_guard lock(guard);
            text += " and then a good deal longer than fits inside";
            std::strcpy(name, "after");
        },
        [] {
            std::unique_lock lock(guard, std::defer_lock);
            if (!racy) lock.lock();
            if (std::strlen(name) > 6 || text.size() < 5) __builtin_trap();
        });
}
