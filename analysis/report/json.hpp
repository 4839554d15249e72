// The report for programs: version 1 of the JSON report, as its schema says.
#pragma once

#include <string>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

/// Precondition: arranged and explained. ASCII alone: everything else is escaped.
std::string json_report(const findings::report_data& data, const options& how);

}  // namespace interlock::report
