// A path is made step by step from the outermost one that is not known yet, so each step of a log is made once.
#include "analysis/graph/dependency_feed.hpp"

#include <vector>

#include "instrument/format/payload.hpp"

namespace interlock::graph {

namespace {

constexpr std::uint64_t pair(format::agent_id agent, std::uint32_t id) noexcept {
    return std::uint64_t{number(agent)} << 32 | id;
}

moment now(segment_order& order, format::agent_id agent, std::uint32_t nth) {
    moment made = order.now(agent);
    made.nth = nth;
    return made;
}

}  // namespace

path_id dependency_feed::path_of(format::agent_id agent, format::held_set_id held, const trace::definitions& names,
                                 held_paths& paths) {
    std::vector<format::held_set_id> missing;
    path_id path = path_id::empty;
    for (format::held_set_id at = held; at != format::held_set_id::none; at = names.held(agent, at).parent) {
        const auto it = paths_.find(pair(agent, number(at)));
        if (it != paths_.end()) {
            path = it->second;
            break;
        }
        const trace::held_step& step = names.held(agent, at);
        if (step.depth == 0) break;
        // Depth goes down by one with each parent, so a path that goes round is cut here.
        if (!missing.empty() && step.depth >= names.held(agent, missing.back()).depth) break;
        missing.push_back(at);
    }
    for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
        const trace::held_step& step = names.held(agent, *at);
        path = paths.extend(path, {lock_of(step.object), step.flags, step.stack, step.approximate});
        paths_.emplace(pair(agent, number(*at)), path);
    }
    return path;
}

std::optional<dependency_index> dependency_feed::feed(const trace::event& e, const trace::definitions& names,
                                                      segment_order& order, lock_graph& into) {
    if (e.kind == format::event_kind::dependency_again) {
        const auto it = dependencies_.find(pair(e.agent, e.object));
        if (it == dependencies_.end()) return std::nullopt;
        into.again(it->second, now(order, e.agent, e.sequence));
        return it->second;
    }
    const bool joins = e.kind == format::event_kind::join_dependency;
    if ((e.kind != format::event_kind::dependency && !joins) || e.more.empty()) return std::nullopt;
    const format::dependency_payload payload = format::decode_dependency(e.more[0]);
    const path_id held = path_of(e.agent, format::held_set_id{e.sequence}, names, into.paths());
    if (held == path_id::empty) return std::nullopt;
    const resource wanted = joins ? termination_of(format::agent_id{e.object}) : lock_of(format::object_id{e.object});
    const dependency_index index =
        into.add({e.agent, held, wanted, e.flags, e.site, payload.stack}, now(order, e.agent, payload.nth));
    dependencies_[pair(e.agent, number(payload.id))] = index;
    return index;
}

}  // namespace interlock::graph
