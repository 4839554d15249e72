// memcpy, memset and memmove access memory for their caller.
#include <cstring>
#include <mutex>

#include "tests/programs/race/both.hpp"

char source[4096];
char target[4096];
static std::mutex guard;

int main() {
    both(
        [] {
            const std::lock_guard lock(guard);
            std::memset(source, 1, sizeof source);
            std::memmove(source + 1, source, sizeof source - 1);
        },
        [] {
            std::unique_lock lock(guard, std::defer_lock);
            if (!racy) lock.lock();
            std::memcpy(target, source, sizeof target);
        });
}
