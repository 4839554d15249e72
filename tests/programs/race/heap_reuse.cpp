// A block that one thread frees and another gets is no race; a block that another still uses is.
#include <atomic>

#include "tests/programs/race/both.hpp"

// memory: heap block
static std::atomic<int*> shared{nullptr};
static std::atomic<int> turn{0};

static void churn() {
    for (int i = 0; i < 200; ++i) {
        auto* block = new int[4];
        block[i % 4] = i;
        delete[] block;
    }
}

int main() {
    if (!racy) {
        both(churn, churn);
        return 0;
    }
    both(
        [] {
            auto* block = new int[4]();
            shared.store(block, std::memory_order_release);
            while (turn.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
            delete[] block;
        },
        [] {
            int* block = nullptr;
            while ((block = shared.load(std::memory_order_acquire)) == nullptr) std::this_thread::yield();
            block[1] = 1;
            turn.store(1, std::memory_order_relaxed);
        });
}
