// The report as annotations of a GitHub Actions job: its workflow commands.
#pragma once

#include <string>
#include <string_view>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

/// The data of a workflow command: `%`, CR and LF encoded, as the runner decodes them.
std::string command_data(std::string_view text);
/// The value of one of its properties: `:` and `,` besides.
std::string command_property(std::string_view text);

/// Precondition: arranged and explained. One command a line: at most ten findings, since GitHub shows no more of each step, worst
/// first, then one with the count and what could not be seen.
std::string github_report(const findings::report_data& data, const options& how);

}  // namespace interlock::report
