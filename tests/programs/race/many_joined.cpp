// Two thousand threads at once, each with its own word, then all of them with one.
#include <mutex>
#include <vector>

#include "tests/programs/race/both.hpp"

static std::mutex guard;
static std::vector<long> words(2000);
long common = 0;

int main() {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < words.size(); ++i)
        threads.emplace_back([i] {
            words[i] = 1;
            if (!racy) guard.lock();
            common += words[i];
            if (!racy) guard.unlock();
        });
    for (std::thread& each : threads) each.join();
    for (const long word : words) common += word;
}
