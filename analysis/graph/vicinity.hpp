// Which dependencies lie on cycles with given ones, found without a look at the rest of the graph: a test's end asks of what is new, and a
// program may have run thousands of tests.
//
// Model: all of a cycle through an edge can be reached from the edge's end, and its beginning can be reached from all of it. Two searches, on
// from the ends and back from the beginnings, take turns; the one that comes to an end first has seen a set of locks that holds every such
// cycle, and the strong components of that set alone are made.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analysis/graph/lock_graph.hpp"

namespace interlock::graph {

/// Of one graph, which only grows. Thread-bound. Memory: linear in the graph.
class vicinity {
public:
    /// The dependencies of the strong components (of all edges, whatever rules say) that have one of `some` in them, ascending. Cost: linear in what
    /// the graph got since the last call and in twice the smaller search.
    std::vector<dependency_index> around(const lock_graph& graph, std::span<const dependency_index> some);

private:
    using node = std::uint32_t;
    struct lock_links {
        std::vector<node> after, before;               // each once
        std::vector<dependency_index> held_innermost;  // dependencies whose innermost hold it is
        std::vector<dependency_index> wanted;          // and which want it
    };
    class search;

    void catch_up(const lock_graph& graph);
    node node_of(resource what);
    void link(node from, node to);

    std::unordered_map<std::uint64_t, node> nodes_;
    std::vector<lock_links> links_;
    std::unordered_set<std::uint64_t> known_;  // pairs that are linked
    std::uint32_t paths_seen_ = 1;
    std::uint32_t dependencies_seen_ = 0;
};

}  // namespace interlock::graph
