// Strong components of a graph of numbered nodes, by Boost (Tarjan 1972) behind this header. Serves lock_graph.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace interlock::graph {

/// The component's number of each node. Nodes that reach each other, and only these, have the same number. Cost: linear.
std::vector<std::uint32_t> strong_components(std::size_t nodes,
                                             std::span<const std::pair<std::uint32_t, std::uint32_t>> links);

}  // namespace interlock::graph
