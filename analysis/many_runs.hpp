// A summary of many runs to one report, or one drawing.
#pragma once

#include "analysis/findings/lock_order.hpp"
#include "analysis/findings/run_summary.hpp"

namespace interlock::analysis {

/// What the runs showed, each defect once, and the cycles that only all of them together show.
findings::report_data report_of(const findings::run_summary& all);

/// Adds the graph by kinds of locks to a drawing: a node for each kind, an arc for all edges between two in the same modes.
void add_order_of(const findings::run_summary& all, findings::lock_order& into);

}  // namespace interlock::analysis
