// A latch orders what lies before a count-down after the wait.
#include <latch>

#include "tests/programs/race/both.hpp"

static std::latch gate(1);
static int value = 0;

int main() {
    both(
        [] {
            if (!racy) value = 1;
            gate.count_down();
            if (racy) value = 1;
        },
        [] {
            gate.wait();
            look(value);
        });
}
