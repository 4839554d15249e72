// The report for people.
#pragma once

#include <string>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"
#include "analysis/report/quote.hpp"

namespace interlock::report {

/// Precondition: arranged and explained.
std::string text_report(const findings::report_data& data, const options& how);

/// One finding of it, for formats that have a place for plain text.
std::string finding_text(const findings::finding& what, const findings::report_data& data, const options& how,
                         source_lines& sources);

/// The lines at its end, each with its newline: harmless cycles, what could not be seen, and the count.
std::string closing_text(const findings::report_data& data);

}  // namespace interlock::report
