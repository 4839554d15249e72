#include "analysis/detectors/draft.hpp"

#include <algorithm>
#include <cassert>

namespace interlock::detectors {

void tell_reacquisition(const trace::agent_present& agent, draft& into) {
    if (agent.want.condition == format::object_id::none) return;
    into.reasons.push_back({.what = fact::acquires_again,
                            .lock = graph::lock_of(agent.want.object),
                            .agent = agent.agent,
                            .object = number(agent.want.condition)});
}

std::size_t last_of(std::span<const side> sides) noexcept {
    assert(!sides.empty());
    const bool all_numbered = std::all_of(sides.begin(), sides.end(), [](const side& s) { return s.nth != 0; });
    const auto last = std::max_element(sides.begin(), sides.end(), [&](const side& a, const side& b) {
        return all_numbered ? a.nth < b.nth : a.position < b.position;
    });
    return static_cast<std::size_t>(last - sides.begin());
}

std::set<format::agent_id> agents_of(const draft& of) {
    std::set<format::agent_id> made{of.agent};
    made.insert(of.agents.begin(), of.agents.end());
    for (const side& s : of.sides) made.insert(s.agent);
    for (const reason& r : of.reasons)
        if (r.what == fact::writer_needed) made.insert(r.agent);
    for (const bystander& b : of.behind) made.insert(b.agent);
    made.erase(format::agent_id::none);
    return made;
}

}  // namespace interlock::detectors
