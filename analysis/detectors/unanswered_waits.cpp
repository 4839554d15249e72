#include "analysis/detectors/unanswered_waits.hpp"

#include <set>

namespace interlock::detectors {

using format::agent_id;
using format::event_kind;
using trace::agent_present;

std::vector<unanswered_wait> find_unanswered_waits(std::span<const agent_present> present, std::span<const draft> told,
                                                   bool signals_known) {
    std::set<agent_id> answered;
    for (const draft& d : told)
        if (d.stuck) answered.merge(agents_of(d));
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
