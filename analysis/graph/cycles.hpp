// The cycles of a directed graph, shortest first, within bounds. Serves lock_graph on one strong component at a time; what an
// edge stands for, and whether a cycle matters, is left to the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace interlock::graph {

/// Nodes 0..n-1; the edges of node v are those from first[v] to first[v + 1], in `target`. An edge's number is its place there.
struct digraph {
    std::vector<std::uint32_t> first;
    std::vector<std::uint32_t> target;

    std::size_t nodes() const noexcept { return first.empty() ? 0 : first.size() - 1; }
    std::size_t edges() const noexcept { return target.size(); }
    /// The node an edge leaves. Cost: O(log nodes).
    std::uint32_t source(std::uint32_t edge) const noexcept;
};

/// Builds one from (from, to) pairs; `order` receives, for each edge number, the index of the pair. Equal pairs stay apart.
digraph make_digraph(std::size_t nodes, std::span<const std::pair<std::uint32_t, std::uint32_t>> pairs,
                     std::vector<std::uint32_t>& order);

struct cycle_bounds {
    std::size_t listed_max = 1000;         // cycles given out
    std::uint64_t steps_max = 20'000'000;  // edges looked at, searches for distances included
};

/// Edge numbers in the order of the walk. It begins at the cycle's smallest node.
using cycle = std::vector<std::uint32_t>;

struct cycle_list {
    std::vector<cycle> cycles;   // shortest first; of equal length in order of their smallest node
    std::uint64_t left_out = 0;  // more cycles that were met and are not listed: at least as many are there
    bool complete = true;        // false: the steps ran out, or some are left out
};

/// Whether a walk whose edges so far are `walk` may go on with `next`. It is asked for simple walks only; a cycle is given out
/// only if each of its edges was allowed in the walk from its smallest node.
using walk_filter = std::function<bool(std::span<const std::uint32_t> walk, std::uint32_t next)>;

/// The simple cycles of `graph`, without repeats. Loops (an edge from a node to itself) are cycles of length one.
cycle_list shortest_cycles(const digraph& graph, const cycle_bounds& bounds, const walk_filter& allowed = {});

}  // namespace interlock::graph
