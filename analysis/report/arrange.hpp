// The order and the numbers of a report, so that two runs that found the same print the same.
#pragma once

#include "analysis/findings/finding.hpp"
#include "analysis/findings/lock_order.hpp"
#include "analysis/findings/present.hpp"

namespace interlock::report {

/// Findings by severity (worst first), strength of verdict, kind, id. Locks and threads numbered from 1 in the order in which
/// the findings name them; one lock or thread of one log keeps one number throughout. Identity before is (log, id); after, the
/// number alone. Texts that name a lock or thread by its old number (see findings/mention.hpp) follow.
findings::report_data arranged(findings::report_data data);

/// Locks and threads numbered from 1 in the order given, which is by (log, id); arcs by their ends and modes. Arcs belong to the
/// log of their lock. Precondition: every end of an arc is listed in `locks`, with ids that are unique over all logs.
findings::lock_order arranged(findings::lock_order graph);

/// Findings sorted and their texts named as in a report, but by the numbers of the log: so a thread keeps its number from one table
/// to the next, and rows and findings speak of it alike.
findings::present arranged(findings::present now);

}  // namespace interlock::report
