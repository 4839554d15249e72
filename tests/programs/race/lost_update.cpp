// counter = counter + 1 by many threads, unguarded or atomic.
#include <atomic>
#include <vector>

#include "tests/programs/race/both.hpp"

static long plain = 0;
static std::atomic<long> atomic{0};

int main() {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([] {
            for (int i = 0; i < 25; ++i) {
                if (racy)
                    plain = plain + 1;
                else
                    atomic += 1;
            }
        });
    for (std::thread& each : threads) each.join();
}
