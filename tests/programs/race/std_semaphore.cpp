// The same with the standard library's, which is made of atomics.
#include <semaphore>

#include "tests/programs/race/both.hpp"

static std::counting_semaphore<8> ready(0);
static int value = 0;

int main() {
    both(
        [] {
            if (!racy) value = 1;
            ready.release();
            if (racy) value = 1;
        },
        [] {
            ready.acquire();
            look(value);
        });
}
