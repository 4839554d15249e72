// The report as a comment of a pull or merge request.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

/// GitHub's and GitLab's comments may be longer; beyond this the findings that did not fit are counted.
inline constexpr std::size_t markdown_size_max = 60'000;  // bytes

/// Code, inline, that shows `text` exactly: no character of it is markup, a link, a mention or the end of a table's cell.
std::string markdown_code(std::string_view text);

/// Precondition: arranged and explained. A headline, a table with one line for each finding, then each finding folded.
std::string markdown_report(const findings::report_data& data, const options& how);

}  // namespace interlock::report
