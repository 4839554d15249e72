// Who holds what at this point of the trace, from acquisitions and releases. Serves the detectors that need more than a record of
// its own says: joins and self-deadlocks, unlocking in the wrong mode, semaphores. Empty for a log of level `order`.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

#include "analysis/graph/held_paths.hpp"
#include "analysis/trace/event.hpp"
#include "analysis/trace/id_table.hpp"

namespace interlock::detectors {

struct holding {
    format::object_id object{};
    std::uint8_t flags = 0;  // lock_flags of the acquisition
    std::uint32_t depth = 1;
    format::site_id site{};
};

/// Thread-bound. Cost: a step over the agent's holds, innermost first.
class held_now {
public:
    /// Ids below `limit` cost an array's element each, if they are met.
    void raise_limit(std::size_t limit);

    /// Applies `e` after detectors have seen it.
    void apply(const trace::event& e);

    /// Outermost first. Valid until the next apply().
    const std::vector<holding>& of(format::agent_id agent) const noexcept {
        const std::vector<holding>* known = holds_.find(number(agent));
        return known == nullptr ? nothing : *known;
    }
    /// Nothing if the agent does not hold it.
    const holding* find(format::agent_id agent, format::object_id object) const noexcept;

    /// Locks that two agents held exclusively at once: a release or a change of owner that the log does not have.
    bool is_contradicted(format::object_id object) const { return contradicted_.contains(number(object)); }

private:
    static inline const std::vector<holding> nothing;

    void acquire(const trace::event& e, std::uint8_t flags);
    void release(format::agent_id agent, format::object_id object);
    void end(format::agent_id agent, format::object_id object);
    void forget(format::agent_id agent);

    trace::id_table<std::vector<holding>> holds_;  // by agent
    trace::id_table<format::agent_id> owner_;      // exclusive, by object; none: nobody
    std::unordered_set<std::uint32_t> contradicted_;
};

}  // namespace interlock::detectors
