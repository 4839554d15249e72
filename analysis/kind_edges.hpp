// One log's lock-order graph by kinds of locks, as it is joined with that of other runs.
#pragma once

#include <functional>

#include "analysis/findings/run_summary.hpp"
#include "analysis/graph/lock_graph.hpp"
#include "analysis/naming.hpp"

namespace interlock::analysis {

/// Sets edge::test and thread_test of a request.
using test_namer = std::function<void(graph::dependency_index, findings::edge&)>;

/// Adds the edges of `graph` to `into`, whose run 0 is the log's, and says there which functions hand locks out and whether there was too much to tell. Joins of threads are
/// left out: a thread's end is of one run. Cost: symbols of every place in the graph, once.
void add_kind_edges(const graph::lock_graph& graph, const graph::edge_rules& rules, naming& names,
                    const test_namer& name_test, findings::run_summary& into);

}  // namespace interlock::analysis
