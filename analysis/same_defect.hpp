// Findings that are one defect become one finding.
#pragma once

#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::analysis {

/// `other` is the same defect: the stronger is told, both are counted.
void merge(findings::finding& told, findings::finding other);

/// Drops what is told better by another (a cycle at the very sites of a deadlock that happened) and sorts, worst first.
void settle(std::vector<findings::finding>& all);

}  // namespace interlock::analysis
