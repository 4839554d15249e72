#include "analysis/detectors/data_races.hpp"

#include <algorithm>

namespace interlock::detectors {

void data_races::see(const trace::event& e) {
    if (e.kind != format::event_kind::alarm_race || e.more.size() < format::race_slots) return;
    const auto [it, fresh] = defects_.try_emplace(e.object);
    if (fresh) it->second.race = format::decode_race(e.more);
    it->second.times = std::max<std::uint64_t>({it->second.times, e.sequence, 1});
}

void lower_by(const damage& lost, draft& made) {
    if (!lost.order_lost && !lost.ill_formed && !lost.order_unseen) return;
    made.verdict = findings::verdict::unverifiable;
    made.reasons.insert(made.reasons.begin(), {.what = lost.ill_formed   ? fact::ill_formed
                                                       : lost.order_lost ? fact::events_lost
                                                                         : fact::order_unseen});
}

std::vector<draft> data_races::drafts(const damage& lost) const {
    std::vector<draft> all;
    for (const auto& [unused, d] : defects_) {
        draft made;
        made.kind = findings::kind::data_race;
        made.verdict = findings::verdict::observed;
        made.reasons.push_back({.what = fact::unordered, .object = format::number(d.race.last_order)});
        lower_by(lost, made);
        made.race = d.race;
        made.stack = d.race.later.stack;
        made.agent = d.race.later.agent;
        made.holder = d.race.earlier.agent;
        made.occurrences = d.times;
        all.push_back(std::move(made));
    }
    return all;
}

}  // namespace interlock::detectors
