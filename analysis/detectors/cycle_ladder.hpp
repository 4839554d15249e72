// The ladder of verdicts for one cycle of the lock-order graph: which ways of it can block, and for the strongest of them what
// prevents it in this run. Serves lock_order_cycles; the words for a verdict are left to the analyser.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/detectors/lock_writers.hpp"
#include "analysis/detectors/tests_apart.hpp"
#include "analysis/graph/lock_graph.hpp"

namespace interlock::detectors {

/// What the ladder asks of the log. `graph` and `order` outlive it; empty functions mean: unknown type, a writer may come.
struct ladder_sources {
    const graph::lock_graph* graph = nullptr;
    const graph::segment_order* order = nullptr;
    std::function<format::object_type(graph::resource)> type_of;
    /// Whether another agent than those of `sides` wants `lock` exclusively at a time that is not ordered against theirs.
    std::function<queued_writer(graph::resource lock, std::span<const graph::dependency_index> sides)> writer_may_come;
    std::function<bool(graph::resource)> is_lock;
    std::function<bool(std::uint8_t flags, format::stack_id)> is_grouped;
    /// Whether the log contradicts itself about this lock (two holders at once).
    std::function<bool(graph::resource)> is_contradicted;
    detectors::damage damage;
    test_scope tests;
};

enum class judgement_kind : std::uint8_t {
    finding,
    shortened,  // in every way one agent holds two locks of the cycle at once: `shorter` tells it
    harmless,   // no way of it can block
};

struct judgement {
    judgement_kind kind = judgement_kind::harmless;
    bool fails_mutual_exclusion = false;  // harmless: somewhere a shared request meets a shared hold
    bool fails_hold_and_wait = false;     // harmless: some request is a try
    detectors::draft draft;               // finding
    std::vector<std::uint32_t> shorter;   // shortened: node numbers of the component, in cycle order
};

/// Precondition: `walk` is a simple cycle of edge numbers of `in.links`. Cost: bounded; `not_all_examined` tells when it was cut.
judgement judge(const ladder_sources& sources, const graph::component& in, std::span<const std::uint32_t> walk);

}  // namespace interlock::detectors
