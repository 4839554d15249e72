#include "analysis/detectors/atomicity_violations.hpp"

#include <algorithm>

#include "analysis/detectors/data_races.hpp"

namespace interlock::detectors {

void atomicity_violations::see(const trace::event& e) {
    if (e.kind != format::event_kind::alarm_atomicity || e.more.size() < format::race_slots + 1) return;
    defect& one = defects_[e.object];
    const bool came_between = (e.flags & format::came_between) != 0;
    if (one.times == 0 || (came_between && !one.came_between)) {
        one.sides = format::decode_race(e.more);
        one.check = format::decode_access(e.more[format::race_slots]).stack;
        one.came_between = came_between;
    }
    one.times = std::max<std::uint64_t>({one.times, e.sequence, 1});
}

std::vector<draft> atomicity_violations::drafts(const damage& lost) const {
    std::vector<draft> all;
    for (const auto& [unused, d] : defects_) {
        draft made;
        made.kind = findings::kind::atomicity_violation;
        made.verdict = d.came_between ? findings::verdict::observed : findings::verdict::potential;
        made.reasons.push_back({.what = d.came_between ? fact::came_between : fact::may_come_between});
        lower_by(lost, made);
        made.race = d.sides;
        made.check = d.check;
        made.stack = d.sides.later.stack;
        made.agent = d.sides.later.agent;
        made.holder = d.sides.earlier.agent;
        made.occurrences = d.times;
        all.push_back(std::move(made));
    }
    return all;
}

}  // namespace interlock::detectors
