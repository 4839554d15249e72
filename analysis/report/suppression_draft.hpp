// Findings to entries of a suppression file, ready to be pasted.
#pragma once

#include <string>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

/// For each finding that is not suppressed: what it is, a place for a reason and a last day, the narrowest entry that hides it with all its
/// instances and, where one can, no other finding of these (else it is said how many), and others as comments, down to the whole module. In
/// ThreadSanitizer's syntax, so that both tools read it. Reentrant; quadratic in the findings, up to 200.
std::string suppression_draft(const findings::report_data& data, const options& how);

}  // namespace interlock::report
