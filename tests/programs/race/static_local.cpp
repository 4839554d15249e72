// A static local is guarded by the compiler; a home-made one is not.
#include "tests/programs/race/both.hpp"

struct table {
    int entries[4] = {1, 2, 3, 4};
};
static bool made = false;
static table home_made;

static table& get() {
    if (racy) {
        if (!made) {
            home_made.entries[0] = 1;
            made = true;
        }
        return home_made;
    }
    static table guarded = [] {
        table fresh;
        fresh.entries[1] = fresh.entries[0] + 1;
        return fresh;
    }();
    return guarded;
}

static void use() {
    for (int i = 0; i < 10; ++i)
        if (get().entries[1] != 2) __builtin_trap();
}

int main() { both(use, use); }
