// Eight threads read one word; a write that knows of only seven of them is a race with the eighth.
#include <vector>

#include "tests/programs/race/both.hpp"

static long value = 1;

int main() {
    std::vector<std::thread> readers;
    for (int i = 0; i < 8; ++i) readers.emplace_back([] { look(value); });
    for (int i = 0; i < (racy ? 7 : 8); ++i) readers[static_cast<unsigned>(i)].join();
    value = 2;
    if (racy) readers[7].join();
}
