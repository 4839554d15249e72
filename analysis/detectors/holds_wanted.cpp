#include "analysis/detectors/holds_wanted.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace interlock::detectors {

namespace {

using format::agent_id;
using format::object_id;

bool is_told(const draft& d, agent_id agent, graph::resource lock) {
    return std::any_of(d.sides.begin(), d.sides.end(),
                       [&](const side& s) { return s.agent == agent && s.held == lock && !s.signals; });
}

struct request {
    agent_id agent{};
    bool shared = false;
};

class wanted_locks {
public:
    void add(const trace::agent_present& agent) {
        if (!agent.wants || !trace::is_owner_bound(agent.want.operation) ||
            agent.want.operation == format::event_kind::join_request)
            return;
        by_lock_[agent.want.object].push_back({agent.agent, graph::is_shared(agent.want.flags)});
    }

    /// Whether somebody else waits for what the hold keeps from him.
    bool are_kept_by(const trace::present_hold& hold, agent_id holder) const {
        const auto known = by_lock_.find(hold.object);
        if (known == by_lock_.end()) return false;
        return std::any_of(known->second.begin(), known->second.end(), [&](const request& one) {
            return one.agent != holder && !(one.shared && graph::is_shared(hold.flags));
        });
    }

private:
    std::map<object_id, std::vector<request>> by_lock_;
};

}  // namespace

void tell_wanted_holds(std::span<draft> drafts, std::span<const trace::agent_present> present,
                       const std::function<bool(graph::resource)>& is_lock) {
    std::map<agent_id, const trace::agent_present*> by_id;
    for (const trace::agent_present& agent : present) by_id.emplace(agent.agent, &agent);
    for (draft& d : drafts) {
        if (!d.stuck) continue;
        std::vector<const trace::agent_present*> members;
        wanted_locks wanted;
        for (const agent_id id : agents_of(d)) {
            const auto known = by_id.find(id);
            if (known == by_id.end()) continue;
            members.push_back(known->second);
            wanted.add(*known->second);
        }
        for (const trace::agent_present* agent : members) {
            for (const trace::present_hold& hold : agent->holds) {
                const graph::resource lock = graph::lock_of(hold.object);
                if (!wanted.are_kept_by(hold, agent->agent) || is_told(d, agent->agent, lock) ||
                    (is_lock && !is_lock(lock)))
                    continue;
                d.holds.push_back({agent->agent, lock, hold.flags, hold.addresses()});
            }
        }
    }
}

}  // namespace interlock::detectors
