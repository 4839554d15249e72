#include "analysis/detectors/exhausted_pools.hpp"

#include <algorithm>

namespace interlock::detectors {

namespace {

using format::agent_id;

bool is_exhausted_for_ever(const draft& d) {
    return d.kind == findings::kind::pool_exhausted && d.verdict == findings::verdict::observed;
}

bool is_member(const draft& stall, agent_id agent) {
    return std::find(stall.agents.begin(), stall.agents.end(), agent) != stall.agents.end();
}

using agents = std::span<const trace::agent_present>;

bool are_twins(agents present, agent_id one, agent_id other) {
    const auto find = [&](agent_id id) {
        return std::find_if(present.begin(), present.end(), [&](const auto& each) { return each.agent == id; });
    };
    const auto a = find(one);
    const auto b = find(other);
    return a != present.end() && b != present.end() && a->creator == b->creator && a->name == b->name;
}

/// Adds what `stall` tells to the pool's finding.
void take_over(draft& pool, const draft& stall, agents present) {
    for (const agent_id agent : stall.agents) {
        if (are_twins(present, agent, pool.agent))
            pool.agents.push_back(agent);
        else
            pool.behind.push_back({agent, stall.lock, stall.stack, stall.trail});
    }
    pool.behind.insert(pool.behind.end(), stall.behind.begin(), stall.behind.end());
}

}  // namespace

void tell_stalls_by_pools(std::vector<draft>& drafts, agents present,
                          const std::function<bool(graph::resource)>& is_future) {
    const auto is_of_pool = [&](const draft& d) {
        return d.kind == findings::kind::stalled && d.verdict == findings::verdict::observed && is_future(d.lock);
    };
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        if (!is_exhausted_for_ever(drafts[i])) continue;
        const agent_id last = drafts[i].agent;  // of the workers to begin to wait
        if (std::none_of(drafts.begin(), drafts.end(),
                         [&](const draft& d) { return is_of_pool(d) && is_member(d, last); }))
            continue;
        for (const draft& d : drafts)
            if (is_of_pool(d)) take_over(drafts[i], d, present);
        drafts[i].stuck = true;
        std::erase_if(drafts, is_of_pool);
        return;
    }
}

}  // namespace interlock::detectors
