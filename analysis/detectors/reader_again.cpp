#include "analysis/detectors/reader_again.hpp"

#include <algorithm>
#include <set>

namespace interlock::detectors {

namespace lock_flags = format::lock_flags;

void reader_again::see(graph::dependency_index index, const graph::dependency& d) {
    constexpr std::uint8_t wanted = lock_flags::shared | lock_flags::reentrant;
    if ((d.flags & (wanted | lock_flags::attempt)) != wanted) return;
    const auto place = std::lower_bound(seen_.begin(), seen_.end(), index);
    if (place == seen_.end() || *place != index) seen_.insert(place, index);
}

std::vector<draft> reader_again::drafts(
    const graph::lock_graph& graph,
    const std::function<queued_writer(graph::resource, std::span<const graph::dependency_index>)>& writer_may_come)
    const {
    std::vector<draft> all;
    std::set<std::pair<format::agent_id, graph::resource>> told;
    for (const graph::dependency_index index : seen_) {
        const graph::dependency& d = graph.at(index);
        graph::path_id step = d.held;
        while (step != graph::path_id::empty && graph.paths().innermost(step).what != d.wanted)
            step = graph.paths().parent(step);
        if (step == graph::path_id::empty || told.contains({d.agent, d.wanted})) continue;
        const queued_writer writer = writer_may_come(d.wanted, std::span{&index, 1});
        if (writer == queued_writer::none) continue;
        told.insert({d.agent, d.wanted});
        const graph::hold& h = graph.paths().innermost(step);
        const bool timed = (d.flags & lock_flags::timed) != 0;
        draft made;
        made.kind = findings::kind::self_deadlock;
        const bool gives_up = timed || writer == queued_writer::timed;
        made.verdict = gives_up ? findings::verdict::escapable : findings::verdict::potential;
        if (gives_up)
            made.reasons.push_back({.what = timed ? fact::gives_up : fact::writer_gives_up, .lock = d.wanted});
        made.reasons.push_back({.what = fact::writer_needed, .lock = d.wanted});
        made.sides.push_back(
            {d.agent, h.what, d.wanted, h.flags, d.flags, {}, h.stack, d.stack, d.site, h.approximate});
        made.lock = d.wanted;
        made.agent = d.agent;
        made.occurrences = graph.moments(index).size();
        all.push_back(std::move(made));
    }
    return all;
}

}  // namespace interlock::detectors
