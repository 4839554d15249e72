// Cycles whose edges were never seen in one run: each run saw a part, and the parts meet in kinds of locks.
#pragma once

#include <vector>

#include "analysis/findings/finding.hpp"
#include "analysis/findings/run_summary.hpp"

namespace interlock::analysis {

/// Findings with the verdict across_runs, or lower where the parts themselves say so (guarded by a lock of which there is one,
/// or a request with a time-out). A cycle that one run has whole is left to that run; an edge from a kind to itself makes none.
/// `not_listed` gets the number of cycles beyond the bounds. Cost: bounded for each strong component.
std::vector<findings::finding> across_runs(const findings::run_summary& all, std::uint64_t& not_listed);

}  // namespace interlock::analysis
