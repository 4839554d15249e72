// Two threads come to the same initialisers at once, again and again: while one ends, the other may find its flag in any state.
#include <mutex>

#include "tests/programs/race/both.hpp"

constexpr int count = 3000;
static std::once_flag flags[count];
int values[count];
static int uses = 0;

static void use() {
    for (int i = 0; i < count; ++i) {
        if (racy)
            values[i] = 1;
        else
            std::call_once(flags[i], [i] { values[i] = 1; });
        if (values[i] == 1) __atomic_fetch_add(&uses, 1, __ATOMIC_RELAXED);
    }
}

int main() {
    both(use, use);
    return uses == 2 * count ? 0 : 1;
}
