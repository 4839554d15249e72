// When the requests of a cycle were made, and by whom: can there be one of each side that are pending at once? If not, what stands
// between them? Serves the cycle ladder, which knows what the requests are.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/graph/lock_graph.hpp"

namespace interlock::detectors {

/// Tests of a process that runs several, one after the other.
struct test_scope {
    /// The run of a test that a mark belongs to: equal for all marks of it; 0: none. Empty function: there are no tests.
    std::function<std::uint32_t(std::uint32_t mark)> run_of;
    /// Only what was requested under these marks, after `since` or not after `before`, counts: positions.
    std::uint32_t first = 0;
    std::uint32_t last = ~std::uint32_t{0};
    std::uint64_t since = 0;
    std::uint64_t before = 0;

    bool has(std::uint32_t mark, std::uint64_t position) const noexcept {
        return mark >= first && mark <= last && (position > since || position <= before);
    }
};

/// A request of one side: when it was made, and in which way.
struct seen {
    graph::moment when;
    graph::way how;
};

/// All of one side, in the order of their positions.
using side_moments = std::vector<seen>;

/// Those in the scope.
side_moments moments_of(const graph::lock_graph& graph, std::span<const graph::way> ways, const test_scope& tests);

/// Whether there is a moment of each side such that no two are ordered: into `chosen`. Sets `cut` where not all were tried.
bool are_pending_at_once(const graph::segment_order& order, std::span<const side_moments> sides,
                         std::vector<seen>& chosen, bool& cut);

/// Whether each side can have an agent of its own (bipartite matching by augmenting paths): a moment of each into `found`.
bool have_distinct_agents(std::span<const side_moments> sides, std::vector<seen>& found);

/// Distinct agents can make the requests, but some two are never pending at once: which, and why.
std::optional<reason> order_between(const graph::segment_order& order, std::span<const seen> distinct);

/// There are not enough agents: one for all sides if there is one, else whoever came first: into `chosen`.
reason shared_agent(std::span<const side_moments> sides, std::vector<seen>& chosen);

}  // namespace interlock::detectors
