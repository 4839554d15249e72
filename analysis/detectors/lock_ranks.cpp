#include "analysis/detectors/lock_ranks.hpp"

#include <algorithm>

namespace interlock::detectors {

namespace lock_flags = format::lock_flags;

void lock_ranks::see(const graph::dependency& d, const graph::held_paths& paths, const trace::definitions& names) {
    if (d.wanted.termination || (d.flags & (lock_flags::attempt | lock_flags::reentrant)) != 0) return;
    const trace::object& wanted = names.object(format::object_id{d.wanted.id});
    if (!wanted.ranked) return;
    const auto place = [](const trace::object& one) { return std::pair(one.rank, one.subclass); };
    const graph::hold* worst = nullptr;
    const trace::object* worst_object = nullptr;
    for (graph::path_id step = d.held; step != graph::path_id::empty; step = paths.parent(step)) {
        const graph::hold& held = paths.innermost(step);
        if (held.what.termination || held.what == d.wanted) continue;
        const trace::object& one = names.object(format::object_id{held.what.id});
        if (!one.ranked || place(one) < place(wanted)) continue;
        if (worst != nullptr && place(one) <= place(*worst_object)) continue;
        worst = &held;
        worst_object = &one;
    }
    if (worst == nullptr) return;
    if (!told_.emplace(worst->what, d.wanted).second) {
        for (draft& known : drafts_)
            if (known.lock == d.wanted && known.other == worst->what) ++known.occurrences;
        return;
    }
    draft made;
    made.kind = findings::kind::lock_rank_violation;
    made.verdict = findings::verdict::observed;
    made.reasons.push_back({.what = fact::against_ranks, .first = wanted.rank, .second = worst_object->rank});
    made.lock = d.wanted;
    made.other = worst->what;
    made.agent = made.holder = d.agent;
    made.held_stack = worst->stack;
    made.stack = d.stack;
    made.site = d.site;
    drafts_.push_back(std::move(made));
}

}  // namespace interlock::detectors
