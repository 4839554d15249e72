// The table of who waits on what, owned by whom, in a process that is looked at: for people.
#pragma once

#include <string>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

/// A line for each thread that waits and is in no finding, those behind a deadlock first, and a line for who called it; empty where nobody
/// waits. At most 50 threads: the rest is counted. Reentrant.
std::string waits_text(const findings::report_data& data, const options& how);

}  // namespace interlock::report
