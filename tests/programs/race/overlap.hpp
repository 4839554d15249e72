// Neighbours of some bytes: each thread its own, or one that the other's wider access covers.
#pragma once

#include <cstring>

#include "tests/programs/race/both.hpp"

template <typename Cell>
void neighbours() {
    alignas(16) static Cell cells[16 / sizeof(Cell)];
    both([] { cells[0] = 1; },
         [] {
             if (racy) {
                 char bytes[sizeof cells];
                 std::memcpy(bytes, cells, sizeof bytes);
                 for (const char each : bytes) look(each);
             } else {
                 cells[1] = 1;
             }
         });
}
