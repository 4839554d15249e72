// A block that nobody has touched since there are threads, freed while another is about to use it.
#include <cstdlib>

#include "tests/programs/race/both.hpp"

static int* block = nullptr;

int main() {
    block = static_cast<int*>(std::malloc(64));
    __atomic_store_n(&block[3], 1, __ATOMIC_RELAXED);
    std::thread user([] { __atomic_fetch_add(&block[3], 1, __ATOMIC_SEQ_CST); });
    if (!racy) user.join();
    std::free(block);
    if (racy) user.join();
}
