// Findings to entries of a suppression file, ready to be pasted.
#pragma once

#include <string>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

/// For each finding that is not suppressed: what it is, a place for a reason and a last day, the narrowest entry that hides it, and
/// wider ones as comments, down to the whole module. In ThreadSanitizer's syntax, so that both tools read it. Reentrant.
std::string suppression_draft(const findings::report_data& data, const options& how);

}  // namespace interlock::report
