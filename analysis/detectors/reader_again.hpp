// A shared lock requested by an agent that holds it shared already. Where readers queue behind a waiting writer, the request waits for
// the writer and the writer for the hold: the agent waits for what only it can release (lockdep's recursive reads; glibc's
// PREFER_WRITER_NONRECURSIVE_NP says in its name that it is not for this).
#pragma once

#include <functional>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/detectors/lock_writers.hpp"
#include "analysis/graph/lock_graph.hpp"

namespace interlock::detectors {

/// Thread-bound. Memory: one number for each dependency of the kind.
class reader_again {
public:
    /// Precondition: readers queue behind writers at `d.wanted`. Other dependencies than the kind looked for are passed over.
    void see(graph::dependency_index index, const graph::dependency& d);

    /// One for each agent and lock to which a writer may come meanwhile.
    std::vector<draft> drafts(
        const graph::lock_graph& graph,
        const std::function<queued_writer(graph::resource, std::span<const graph::dependency_index>)>& writer_may_come)
        const;

private:
    std::vector<graph::dependency_index> seen_;  // ascending
};

}  // namespace interlock::detectors
