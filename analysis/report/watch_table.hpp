// The present of a process for people and for programs: a table, or JSON.
#pragma once

#include <string>

#include "analysis/findings/present.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

/// A line a thread: name, what it holds, what it wants, for how long, where. Who is stuck stands first and is marked. Ends with a line
/// for each deadlock.
std::string watch_table(const findings::present& now, const options& how);

/// One JSON object, with a newline at its end.
std::string watch_json(const findings::present& now, const options& how);

}  // namespace interlock::report
