// Copies of a shared_ptr may be used at once; one shared_ptr may not.
#include <memory>

#include "tests/programs/race/both.hpp"

static std::shared_ptr<int> shared = std::make_shared<int>(1);

static void use(std::shared_ptr<int> own) {
    for (int i = 0; i < 20; ++i) {
        std::shared_ptr<int> copy = own;
        if (*copy != 1) __builtin_trap();
    }
}

int main() {
    if (racy) {
        both([] { shared.reset(); }, [] { look(shared.get()); });
    } else {
        std::shared_ptr<int> one = shared;
        std::shared_ptr<int> two = shared;
        shared.reset();
        both([own = std::move(one)]() mutable { use(std::move(own)); },
             [own = std::move(two)]() mutable { use(std::move(own)); });
    }
}
