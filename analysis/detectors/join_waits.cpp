// What an agent asked for before anybody joined it under a lock is kept, and added once somebody does.
#include "analysis/detectors/join_waits.hpp"

namespace interlock::detectors {

using format::agent_id;
using graph::dependency;
using graph::dependency_index;
using graph::path_id;
namespace lock_flags = format::lock_flags;

path_id join_waits::end_of(agent_id agent, graph::lock_graph& into) {
    return into.paths().extend(path_id::empty, {graph::termination_of(agent), 0, {}, false});
}

void join_waits::see_bare_request(const trace::event& e, graph::lock_graph& into, graph::segment_order& order) {
    if ((e.flags & lock_flags::attempt) != 0) return;
    const graph::resource wanted = e.kind == format::event_kind::join_request
                                       ? graph::termination_of(agent_id{e.object})
                                       : graph::lock_of(format::object_id{e.object});
    const graph::moment now = order.now(e.agent);
    const format::stack_id stack{e.kind == format::event_kind::acquire_stack ? e.sequence : 0};
    const auto [it, fresh] = bare_[number(e.agent)].try_emplace({graph::key_of(wanted), graph::is_shared(e.flags)},
                                                                bare_request{wanted, e.flags, e.site, stack, now, now});
    it->second.last = now;
    if (joined_.contains(number(e.agent))) add(e.agent, it->second, into);
}

void join_waits::add(agent_id agent, const bare_request& request, graph::lock_graph& into) {
    const dependency made{agent, end_of(agent, into), request.wanted, request.flags, request.site, request.stack};
    const dependency_index index = into.add(made, request.first);
    if (request.last != request.first) into.again(index, request.last);
    if (request.wanted.termination) joined_under_lock(agent_id{request.wanted.id}, into);
}

void join_waits::see(dependency_index index, graph::lock_graph& into) {
    const dependency d = into.at(index);
    if (d.wanted.termination) joined_under_lock(agent_id{d.wanted.id}, into);
    std::vector<dependency_index>& known = dependencies_[number(d.agent)];
    const std::uint32_t key = graph::lock_graph::number(index);
    const auto [told, fresh] = moments_told_.try_emplace(key, 0);
    if (fresh) known.push_back(index);
    if (joined_.contains(number(d.agent))) add_with_end(index, told->second, into);
}

/// The same dependency with the agent's own end as the outermost thing held.
void join_waits::add_with_end(dependency_index index, std::size_t from_moment, graph::lock_graph& into) {
    dependency d = into.at(index);
    std::vector<graph::hold> holds;
    for (path_id at = d.held; at != path_id::empty; at = into.paths().parent(at)) {
        holds.push_back(into.paths().innermost(at));
    }
    d.held = end_of(d.agent, into);
    for (auto h = holds.rbegin(); h != holds.rend(); ++h) d.held = into.paths().extend(d.held, *h);
    const std::vector<graph::moment> moments(into.moments(index).begin(), into.moments(index).end());
    for (std::size_t i = from_moment; i < moments.size(); ++i) into.add(d, moments[i]);
    moments_told_[graph::lock_graph::number(index)] = moments.size();
}

void join_waits::joined_under_lock(agent_id agent, graph::lock_graph& into) {
    if (!joined_.insert(number(agent)).second) return;
    const auto bare = bare_.find(number(agent));
    if (bare != bare_.end()) {
        for (const auto& [key, request] : bare->second) add(agent, request, into);
    }
    const auto dependencies = dependencies_.find(number(agent));
    if (dependencies == dependencies_.end()) return;
    for (const dependency_index index : dependencies->second) {
        add_with_end(index, 0, into);
        const graph::resource wanted = into.at(index).wanted;
        if (wanted.termination) joined_under_lock(agent_id{wanted.id}, into);
    }
}

}  // namespace interlock::detectors
