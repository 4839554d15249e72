// Threads that are stuck for ever, read off the present that a log ends in: who holds what and who wants what, by their state
// pages. Takes agents that stood still, gives one draft for each closed cycle of them; reading the pages, and what the
// lock-order graph says of the same locks, is left to the caller.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/graph/lock_graph.hpp"
#include "analysis/trace/present.hpp"

namespace interlock::detectors {

/// What is asked of the log. Empty functions mean: unknown type, a lock, no address.
struct deadlock_sources {
    /// Of one moment. An agent whose page went on while it was read is there with its holds, but wants nothing.
    std::span<const trace::agent_present> present;
    const graph::lock_graph* graph = nullptr;
    std::function<format::object_type(graph::resource)> type_of;
    std::function<bool(graph::resource)> is_lock;
    std::function<std::uint64_t(format::site_id)> address_of_site;
    std::function<std::uint64_t(format::stack_id)> innermost_of_stack;
    /// The threads were looked at: each is blocked, and has not moved, for a while.
    bool watched = false;
    /// Something is missing, so that a page may show a hold that is over.
    detectors::damage damage;
};

/// Precondition: `graph` is set. Deterministic. Cost: linear in holds, wants and dependencies, and bounded in cycles.
/// Who shares a lock and waits for it once more behind a queued writer is told as a self-deadlock.
/// Not reported: who otherwise wants what it holds itself (self_deadlock), who gives up by itself, and who waits for a cycle from
/// outside.
std::vector<draft> find_deadlocks(const deadlock_sources& sources);

/// The agents that wait for one of `members`, by way of others perhaps, and are none of them. Ordered by id. Cost: linear.
std::vector<bystander> find_behind(const deadlock_sources& sources, std::span<const format::agent_id> members);

/// Whether two drafts tell of the same closed walk: the same locks held and wanted in the same modes, whoever did it.
bool is_same_cycle(const draft& a, const draft& b);

}  // namespace interlock::detectors
