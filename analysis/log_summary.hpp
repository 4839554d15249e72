// What a report says of a log as a whole: how much is in it, what is missing from it, what could not be seen.
#pragma once

#include "analysis/findings/finding.hpp"
#include "analysis/trace/trace.hpp"

namespace interlock::analysis {

/// As far as `log` was fed. The first twenty gaps are told one by one.
findings::log_summary summary_of(const trace::trace& log);

}  // namespace interlock::analysis
