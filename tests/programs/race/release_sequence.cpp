// A relaxed read-modify-write goes on with a release sequence, a relaxed store of another thread ends it.
#include <atomic>

#include "tests/programs/race/both.hpp"

static std::atomic<int> flag{0};
static int value = 0;

int main() {
    std::thread writer([] {
        value = 1;
        flag.store(1, std::memory_order_release);
    });
    std::thread middle([] {
        while (flag.load(std::memory_order_relaxed) != 1) std::this_thread::yield();
        if (racy)
            flag.store(2, std::memory_order_relaxed);
        else
            flag.fetch_add(1, std::memory_order_relaxed);
    });
    std::thread reader([] {
        while (flag.load(std::memory_order_relaxed) != 2) std::this_thread::yield();
        if (flag.load(std::memory_order_acquire) == 2) look(value);  // one that had seen 1 would know of the writer
    });
    writer.join();
    middle.join();
    reader.join();
}
