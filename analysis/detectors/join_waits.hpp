// An agent's termination as a resource: the agent holds it from its start to its end, and a join is its request. Where a join is
// made under locks, what the joined agent requests meanwhile (and what it joins itself) becomes edges of the lock-order graph, so
// that a join of a thread that needs one of these locks closes a cycle. Agents nobody joins under a lock cost nothing there.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analysis/graph/lock_graph.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Thread-bound.
class join_waits {
public:
    /// A request of `agent` that found it holding nothing (with locks held there is a dependency), or a join it asks for.
    void see_bare_request(const trace::event& e, graph::lock_graph& into, graph::segment_order& order);
    /// A dependency was added or seen again: `index` of `into`.
    void see(graph::dependency_index index, graph::lock_graph& into);

private:
    struct bare_request {
        graph::resource wanted;
        std::uint8_t flags = 0;
        format::site_id site{};
        format::stack_id stack{};
        graph::moment first;
        graph::moment last;
    };

    void joined_under_lock(format::agent_id agent, graph::lock_graph& into);
    void add(format::agent_id agent, const bare_request& request, graph::lock_graph& into);
    void add_with_end(graph::dependency_index index, std::size_t from_moment, graph::lock_graph& into);
    static graph::path_id end_of(format::agent_id agent, graph::lock_graph& into);

    std::unordered_map<std::uint32_t, std::map<std::pair<std::uint64_t, bool>, bare_request>> bare_;  // by agent
    std::unordered_map<std::uint32_t, std::vector<graph::dependency_index>> dependencies_;            // by agent
    std::unordered_map<std::uint32_t, std::size_t> moments_told_;  // by dependency: moments added with the agent's end
    std::unordered_set<std::uint32_t> joined_;                     // agents that are joined under a lock
};

}  // namespace interlock::detectors
