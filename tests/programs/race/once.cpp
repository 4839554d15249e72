// An initialiser run once, by the standard library or by hand.
#include <mutex>

#include "tests/programs/race/both.hpp"

static std::once_flag flag;
int value = 0;  // seen from outside, so that its writes stay
static int uses = 0;

static void use() {
    if (racy)
        value = 1;
    else
        std::call_once(flag, [] { value = 1; });
    if (value == 1) __atomic_fetch_add(&uses, 1, __ATOMIC_RELAXED);
}

int main() {
    both(use, use);
    return uses == 2 ? 0 : 1;
}
