// The report for code-scanning services and editors: SARIF 2.1.0, the OASIS standard.
#pragma once

#include <string>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

/// Precondition: arranged and explained. ASCII alone. Suppressed findings are in it, marked so.
///
/// What readers of the format make of it: GitHub shows message, rule, first location and paths, and wants a region of each
/// location; Visual Studio Code lists the first thread of the flow as steps, and every stack.
std::string sarif_report(const findings::report_data& data, const options& how);

}  // namespace interlock::report
