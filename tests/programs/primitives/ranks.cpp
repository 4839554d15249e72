// Declared ranks, held to from the first acquisition against them: one thread is enough, and no second order of the two locks. Subclasses order locks of
// one rank. A try may go against it, since it does not wait.
//
// expect: against
//   acquisitions 2
//   dependencies 1
//   finding lock-rank-violation observed locks=tree,page functions=climb
// expect: along
//   acquisitions 2
//   dependencies 1
//   clean
// expect: subclass_against
//   acquisitions 2
//   dependencies 1
//   finding lock-rank-violation observed locks=page,sibling functions=sideways
// expect: subclass_along
//   acquisitions 2
//   dependencies 1
//   clean
// expect: trying
//   acquisitions 2
//   dependencies 1
//   clean
// expect: together
//   acquisitions 3
//   dependencies 2
//   clean

#include <interlock/hierarchy.hpp>

#include <mutex>
#include <string_view>

namespace {

constexpr interlock::lock_class trees{"trees", 10};
constexpr interlock::lock_class pages{"pages", 20};

constinit interlock::ranked<> tree{"tree", trees};
constinit interlock::ranked<> page{"page", pages};
constinit interlock::ranked<> sibling{"sibling", pages, 1};

void climb() {
    const std::lock_guard held(page);
    const std::lock_guard wanted(tree);
}

void descend() {
    const std::lock_guard held(tree);
    const std::lock_guard wanted(page);
}

void sideways(interlock::mutex& first, interlock::mutex& second) {
    const std::lock_guard held(first);
    const std::lock_guard wanted(second);
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    if (how == "against") climb();
    if (how == "along") descend();
    if (how == "subclass_against") sideways(sibling, page);
    if (how == "subclass_along") sideways(page, sibling);
    if (how == "trying") {
        const std::lock_guard held(page);
        if (tree.try_lock()) tree.unlock();
    }
    if (how == "together") const interlock::scoped_in_rank_order all(sibling, page, tree);
    return 0;
}
