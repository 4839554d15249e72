// volatile orders nothing.
#include <atomic>

#include "tests/programs/race/both.hpp"

static volatile bool flag = false;
static std::atomic<bool> atomic_flag{false};

int main() {
    both(
        [] {
            if (racy)
                flag = true;
            else
                atomic_flag = true;
        },
        [] { return racy ? static_cast<bool>(flag) : atomic_flag.load(); });
}
