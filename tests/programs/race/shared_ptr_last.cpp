// Who drops the last reference frees what the others have used: the count orders that, if it is told to.
#include <atomic>

#include "tests/programs/race/both.hpp"

struct counted {
    std::atomic<int> references{2};
    int value = 0;
};

static void drop(counted* what) {
    constexpr auto order = racy ? std::memory_order_relaxed : std::memory_order_acq_rel;
    if (what->references.fetch_sub(1, order) == 1) {
        what->value = -1;
        delete what;
    }
}

int main() {
    auto* what = new counted;
    both([=] { drop(what); },
         [=] {
             look(what->value);
             drop(what);
         });
    auto* other = new counted;
    both(
        [=] {
            look(other->value);
            drop(other);
        },
        [=] {
            look(other->value);
            drop(other);
        });
}
