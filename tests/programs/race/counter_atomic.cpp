// One side of an atomic counter reads it as if it were none.
#include <atomic>

#include "tests/programs/race/both.hpp"

static int counter = 0;
static int seen = 0;

int main() {
    both([] { __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED); },
         [] { seen = racy ? counter : __atomic_load_n(&counter, __ATOMIC_RELAXED); });
    return seen > 1;
}
