// Dependency records to the lock graph: held-set ids of an agent become paths, repeats become moments. Takes events of the
// merged trace and its definitions; which edges they make is left to the graph.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "analysis/graph/lock_graph.hpp"
#include "analysis/trace/definitions.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::graph {

/// Thread-bound.
class dependency_feed {
public:
    /// Adds what `e` says, if it is a dependency record. Nothing if it is not, or if the log does not define what it names.
    std::optional<dependency_index> feed(const trace::event& e, const trace::definitions& names, segment_order& order,
                                         lock_graph& into);

private:
    path_id path_of(format::agent_id agent, format::held_set_id held, const trace::definitions& names,
                    held_paths& paths);

    std::unordered_map<std::uint64_t, path_id> paths_;                  // (agent, held_set_id)
    std::unordered_map<std::uint64_t, dependency_index> dependencies_;  // (agent, dependency_id)
};

}  // namespace interlock::graph
