// Producers and consumers at a queue that holds three items: who is too quick waits for the others, and shutdown() ends it all.
//
// expect:
//   stdout 2000 made, 2000 used
//   acquisitions 0
//   dependencies 0
//   threads 5
//   clean

#include <interlock/queue.hpp>
#include <interlock/thread.hpp>

#include <atomic>
#include <cstdio>
#include <vector>

int main() {
    interlock::queue<int> items{"items", 3};
    std::atomic<int> made = 0;
    std::atomic<int> used = 0;
    std::vector<interlock::thread> consumers;
    consumers.reserve(2);
    for (int i = 0; i < 2; ++i) {
        consumers.emplace_back("consumer", [&] {
            while (items.get()) ++used;
        });
    }
    std::vector<interlock::thread> producers;
    producers.reserve(2);
    for (int i = 0; i < 2; ++i) {
        producers.emplace_back("producer", [&] {
            for (int item = 0; item < 1000; ++item) {
                items.put(item);
                ++made;
            }
        });
    }
    for (interlock::thread& one : producers) one.join();
    items.shutdown();  // without this the consumers would wait for ever, and interlock would say for what
    for (interlock::thread& one : consumers) one.join();
    std::printf("%d made, %d used\n", made.load(), used.load());
}
