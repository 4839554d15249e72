// A block that is moved while another thread has its old address.
#include <cstdlib>
#include <mutex>

#include "tests/programs/race/both.hpp"

static int* block = nullptr;
static std::mutex guard;

int main() {
    block = static_cast<int*>(std::malloc(4 * sizeof(int)));
    block[0] = 1;
    int* const old = block;
    both(
        [] {
            const std::lock_guard lock(guard);
            block = static_cast<int*>(std::realloc(block, 4096));
        },
        [=] {
            const std::lock_guard lock(guard);
            if (racy) return;
            block[0] = 2;
            (void)old;
        });
    if (racy) both([] { block[1] = 1; }, [] { block = static_cast<int*>(std::realloc(block, 8192)); });
    std::free(block);
}
