// stdio reads and writes the caller's memory.
#include <cstdio>
#include <mutex>

#include "tests/programs/race/both.hpp"

char text[32] = "a line of text\n";
std::mutex guard;

int main() {
    std::FILE* const nowhere = std::fopen("/dev/null", "w");
    if (nowhere == nullptr) return 1;
    both(
        [&] {
            const std::lock_guard lock(guard);
            std::fputs(text, nowhere);
            std::fwrite(text, 1, sizeof text, nowhere);
        },
        [] {
            std::unique_lock lock(guard, std::defer_lock);
            if (!racy) lock.lock();
            text[0] = 'b';
        });
    std::fclose(nowhere);
}
