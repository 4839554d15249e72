// All cycles of the lock-order graph, judged: the first of the detectors, and the one the project is named for. Takes the graph,
// gives drafts, the shortest first; joining instances of one defect is left to the analyser, which knows functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/detectors/cycle_ladder.hpp"
#include "analysis/detectors/draft.hpp"

namespace interlock::detectors {

struct cycle_findings {
    std::vector<draft> drafts;
    std::uint64_t harmless = 0;                   // cycles that cannot block
    std::uint64_t harmless_mutual_exclusion = 0;  // of these, where a shared request meets a shared hold
    std::uint64_t harmless_hold_and_wait = 0;     // of these, where a request is a plain try
    std::uint64_t not_listed = 0;                 // at least so many beyond the bounds; 0: all were judged
};

struct cycle_limits {
    std::size_t edges_max = 1'000'000;
    graph::cycle_bounds plain{2'000, 2'000'000};      // the first look at a component, with everything in it
    graph::cycle_bounds narrowed{2'000, 20'000'000};  // the second, of what can matter, where the first was cut
};

/// Thread-bound. `among`: only these dependencies count, ascending. Cost: bounded by the limits for each strong component.
cycle_findings find_lock_order_cycles(const ladder_sources& sources, const graph::edge_rules& rules,
                                      const cycle_limits& limits = {},
                                      std::optional<std::span<const graph::dependency_index>> among = std::nullopt);

}  // namespace interlock::detectors
