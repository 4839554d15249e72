// The report as one page for a browser.
#pragma once

#include <string>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

/// Precondition: arranged and explained. Self-contained: no script, nothing is loaded, and the page forbids both itself. Light or dark
/// as the reader's system is; stacks fold by <details>.
std::string html_report(const findings::report_data& data, const options& how);

}  // namespace interlock::report
