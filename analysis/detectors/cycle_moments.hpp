// When the requests of a cycle were made, and by whom: can there be one of each side that are pending at once? If not, what stands
// between them? Serves the cycle ladder, which knows what the requests are.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/graph/lock_graph.hpp"

namespace interlock::detectors {

/// A request of one side: when it was made, and in which way.
struct seen {
    graph::moment when;
    graph::way how;
};

/// All of one side, in the order of their positions.
using side_moments = std::vector<seen>;

side_moments moments_of(const graph::lock_graph& graph, std::span<const graph::way> ways);

/// Whether there is a moment of each side such that no two are ordered; its ways into `ways`. Sets `cut` where not all were tried.
bool are_pending_at_once(const graph::segment_order& order, std::span<const side_moments> sides,
                         std::vector<graph::way>& ways, bool& cut);

/// Whether each side can have an agent of its own (bipartite matching by augmenting paths): a moment of each into `found`.
bool have_distinct_agents(std::span<const side_moments> sides, std::vector<seen>& found);

/// Distinct agents can make the requests, but some two are never pending at once: which, and why.
std::optional<reason> order_between(const graph::segment_order& order, std::span<const seen> distinct);

/// There are not enough agents: one for all sides if there is one, else whoever came first. The ways into `ways`.
reason shared_agent(const graph::lock_graph& graph, std::span<const side_moments> sides, std::vector<graph::way>& ways);

}  // namespace interlock::detectors
