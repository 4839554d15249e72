// Lock ranks, as declared by the user: an acquisition against them is wrong the first time, with no cycle needed (Havender, "Avoiding deadlock in
// multitasking systems", 1968). A request that may block needs a rank above that of every ranked lock held; of one rank, a higher subclass.
#pragma once

#include <set>
#include <utility>

#include "analysis/detectors/draft.hpp"
#include "analysis/graph/lock_graph.hpp"
#include "analysis/trace/definitions.hpp"

namespace interlock::detectors {

/// Thread-bound. Cost: a step over the held path of each dependency on a ranked lock.
class lock_ranks {
public:
    /// A dependency as it is met; `names` knows the locks by now.
    void see(const graph::dependency& d, const graph::held_paths& paths, const trace::definitions& names);
    /// One for each pair of locks that were acquired in the wrong order.
    const std::vector<draft>& drafts() const noexcept { return drafts_; }

private:
    std::set<std::pair<graph::resource, graph::resource>> told_;
    std::vector<draft> drafts_;
};

}  // namespace interlock::detectors
