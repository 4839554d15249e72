#include "analysis/detectors/tests_apart.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace interlock::detectors {

namespace {

constexpr std::uint64_t tries_max = 5'000;

struct candidate {
    std::uint32_t test = 0;
    seen what;
};

class selection {
public:
    selection(const graph::segment_order& order, const std::vector<std::vector<candidate>>& able)
        : order_{order}, able_{able} {}

    // NOLINTNEXTLINE(misc-no-recursion): no deeper than the cycle is long
    bool extend() {
        if (picked_.size() == able_.size()) return true;
        for (const candidate& next : able_[picked_.size()]) {
            if (++tried_ > tries_max) return false;
            if (!fits(next)) continue;
            picked_.push_back(&next);
            if (extend()) return true;
            picked_.pop_back();
        }
        return false;
    }
    const std::vector<const candidate*>& picked() const noexcept { return picked_; }

private:
    bool fits(const candidate& next) const {
        return std::all_of(picked_.begin(), picked_.end(), [&](const candidate* other) {
            return other->test != next.test || (!order_.before(other->what.when, next.what.when) &&
                                                !order_.before(next.what.when, other->what.when));
        });
    }

    const graph::segment_order& order_;
    const std::vector<std::vector<candidate>>& able_;
    std::vector<const candidate*> picked_;
    std::uint64_t tried_ = 0;
};

}  // namespace

bool are_in_tests_apart(const test_scope& tests, const graph::segment_order& order, std::span<const side_moments> sides,
                        std::vector<seen>& chosen) {
    if (!tests.run_of) return false;
    std::vector<std::vector<candidate>> able(sides.size());  // the first moment of each agent in each test
    std::map<std::uint32_t, std::size_t> sides_of;
    for (std::size_t i = 0; i < sides.size(); ++i) {
        std::set<std::pair<std::uint32_t, format::agent_id>> known;
        std::set<std::uint32_t> here;
        for (const seen& one : sides[i]) {
            const std::uint32_t test = one.when.mark == 0 ? 0 : tests.run_of(one.when.mark);
            if (test == 0 || !known.insert({test, one.when.agent}).second) continue;
            able[i].push_back({test, one});
            if (here.insert(test).second && ++sides_of[test] == sides.size()) return false;
        }
    }
    selection made{order, able};
    if (!made.extend()) return false;
    for (const candidate* one : made.picked()) chosen.push_back(one->what);
    return true;
}

}  // namespace interlock::detectors
