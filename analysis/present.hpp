// The state pages of a log in the words of findings: locks and threads with names, addresses as source lines. Who is stuck is the
// detectors' to say.
#pragma once

#include <cstdint>

#include "analysis/findings/present.hpp"
#include "analysis/naming.hpp"
#include "analysis/trace/trace.hpp"

namespace interlock::analysis {

/// Threads that have not ended. `ticks_now`: the time-stamp counter, for the age of wants; 0: not known.
findings::present describe_present(const trace::trace& log, naming& names, std::uint64_t ticks_now);

/// Marks the threads of `now.stuck` and those behind them.
void mark_stuck(findings::present& now);

}  // namespace interlock::analysis
