// The report for people.
#pragma once

#include <string>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

/// Precondition: arranged and explained.
std::string text_report(const findings::report_data& data, const options& how);

}  // namespace interlock::report
