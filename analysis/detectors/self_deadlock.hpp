// A thread that asks for a lock it holds itself and that does not let it in again. Two ways to know: it waits (the log has the
// request and nothing after it), or the lock said no (EDEADLK). A request with a time-out gives up and is told as escapable.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/detectors/held_now.hpp"
#include "analysis/graph/lock_graph.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Thread-bound.
class self_deadlock {
public:
    /// Precondition: `held` is the state before `e`.
    void see(const trace::event& e, const held_now& held);
    /// `d` was just recorded: its request may be for a lock on its own path.
    void see(const graph::dependency& d, const graph::held_paths& paths);

    /// What is known so far, in order of discovery.
    std::vector<draft> drafts() const;

private:
    using key = std::pair<format::agent_id, std::uint32_t>;  // agent, object
    struct candidate {
        side edge;
        bool refused = false;
        bool waits = false;  // the request was written and nothing followed yet
        bool gave_up = false;
        std::uint64_t refusals = 0;
        std::uint64_t order = 0;
    };

    candidate& at(const trace::event& e);
    std::map<key, candidate> candidates_;
    std::uint64_t seen_ = 0;
};

}  // namespace interlock::detectors
