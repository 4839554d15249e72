#include "analysis/detectors/unanswered_waits.hpp"

#include <algorithm>
#include <set>

namespace interlock::detectors {

namespace {

using format::agent_id;
using format::event_kind;
using trace::agent_present;

std::set<agent_id> agents_of(std::span<const draft> told) {
    std::set<agent_id> made;
    for (const draft& d : told) {
        if (!d.stuck) continue;
        made.insert(d.agent);
        made.insert(d.agents.begin(), d.agents.end());
        for (const side& s : d.sides) made.insert(s.agent);
        for (const bystander& b : d.behind) made.insert(b.agent);
    }
    return made;
}

}  // namespace

std::vector<unanswered_wait> find_unanswered_waits(std::span<const agent_present> present, std::span<const draft> told,
                                                   bool signals_known) {
    const std::set<agent_id> answered = agents_of(told);
    std::set<format::object_id> held;
    bool all_wait = true;
    for (const agent_present& agent : present) {
        for (const trace::present_hold& hold : agent.holds) held.insert(hold.object);
        if (agent.state == format::agent_state::running && !agent.waits_for_ever()) all_wait = false;
    }
    std::vector<unanswered_wait> made;
    for (const agent_present& agent : present) {
        if (!agent.intact || !agent.waits_for_ever() || answered.contains(agent.agent)) continue;
        const bool wants_lock = agent.want.operation == event_kind::request;
        if (wants_lock && !held.contains(agent.want.object))
            made.push_back({unanswered::holder, agent.agent, agent.want.addresses()});
        else if (!trace::is_owner_bound(agent.want.operation) && all_wait && !signals_known)
            made.push_back({unanswered::signals, agent.agent, agent.want.addresses()});
    }
    return made;
}

}  // namespace interlock::detectors
