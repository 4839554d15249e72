// Neighbours of 1 byte: each thread its own, or one that the other's wider access covers.
#include <cstring>

#include "tests/programs/race/both.hpp"

alignas(16) static char cells[16 / 1];

int main() {
    both([] { cells[0] = 1; },
         [] {
             if (racy) {
                 char bytes[16];
                 std::memcpy(bytes, cells, sizeof bytes);
                 for (const char each : bytes) look(each);
             } else {
                 cells[1] = 1;
             }
         });
}
