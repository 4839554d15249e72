// A vector that grows while another thread reads an element.
#include <mutex>
#include <vector>

#include "tests/programs/race/both.hpp"

static std::vector<int> values(1, 7);
static std::mutex guard;

int main() {
    both(
        [] {
            for (int i = 0; i < 50; ++i) {
                const std::lock_guard lock(guard);
                values.push_back(i);
            }
        },
        [] {
            std::unique_lock lock(guard, std::defer_lock);
            if (!racy) lock.lock();
            look(values.size());
        });
}
