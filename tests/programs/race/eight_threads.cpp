// Eight threads on the bytes of one word; with a ninth that reads one of them, a race that needs the memory of all eight.
#include <vector>

#include "tests/programs/race/both.hpp"

alignas(8) static unsigned char bytes[8];

int main() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([i] { bytes[i] = static_cast<unsigned char>(i); });
    if (racy) threads.emplace_back([] { look(bytes[0]); });
    for (std::thread& each : threads) each.join();
}
