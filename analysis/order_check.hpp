// A declared order against what runs show, and what runs show as an order to declare.
#pragma once

#include <string>
#include <vector>

#include "analysis/findings/declared_order.hpp"
#include "analysis/findings/run_summary.hpp"

namespace interlock::analysis {

/// One finding (lock-rank-violation) for each place where a request that may block goes against the order.
std::vector<findings::finding> order_violations(const findings::run_summary& all,
                                                const findings::declared_order& order);

/// The names of the order that no lock of these runs has, as a line; empty: none.
std::string unmet_names(const findings::run_summary& all, const findings::declared_order& order);

/// A file that ranks the locks as the runs acquired them: what they show is in order with it, but for the cycles that they have,
/// whose locks get one rank and a remark. Locks without a class or name cannot be in it; a remark counts them.
std::string drafted_order(const findings::run_summary& all);

}  // namespace interlock::analysis
