#include "analysis/detectors/lock_writers.hpp"

#include <algorithm>

namespace interlock::detectors {

using format::event_kind;
namespace lock_flags = format::lock_flags;

bool lock_writers::is_request(const trace::event& e) noexcept {
    return e.kind == event_kind::acquire || e.kind == event_kind::acquire_bare || e.kind == event_kind::request;
}

void lock_writers::see(format::object_id lock, std::uint8_t flags, const graph::moment& when) {
    if ((flags & (lock_flags::shared | lock_flags::attempt)) != 0) return;
    std::vector<writer>& all = writers_[number(lock)];
    const bool timed = (flags & lock_flags::timed) != 0;
    const auto it = std::find_if(all.begin(), all.end(),
                                 [&](const writer& w) { return w.first.agent == when.agent && w.timed == timed; });
    if (it != all.end()) {
        it->last = when;
    } else if (all.size() < writers_max) {
        all.push_back({when, when, timed});
    } else if (!timed) {
        const auto weak = std::find_if(all.begin(), all.end(), [](const writer& w) { return w.timed; });
        if (weak != all.end()) *weak = {when, when, false};
    }
}

queued_writer lock_writers::may_come(format::object_id lock, std::span<const graph::dependency_index> sides,
                                     const graph::lock_graph& graph, const graph::segment_order& order) const {
    queued_writer found = queued_writer::none;
    const auto known = writers_.find(number(lock));
    if (known == writers_.end()) return found;
    const auto can_meet = [&](const graph::moment& writes, graph::dependency_index side) {
        const std::span<const graph::moment> seen = graph.moments(side);
        return graph.at(side).agent != writes.agent &&
               std::any_of(seen.begin(), seen.end(), [&](const graph::moment& when) {
                   return !order.before(writes, when) && !order.before(when, writes);
               });
    };
    const auto can_meet_all = [&](const graph::moment& writes) {
        return std::all_of(sides.begin(), sides.end(),
                           [&](graph::dependency_index side) { return can_meet(writes, side); });
    };
    for (const writer& w : known->second) {
        if (!can_meet_all(w.first) && !can_meet_all(w.last)) continue;
        if (!w.timed) return queued_writer::untimed;
        found = queued_writer::timed;
    }
    return found;
}

}  // namespace interlock::detectors
