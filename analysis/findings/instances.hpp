// One defect, many instances: the same code on other locks, called from elsewhere. A report tells the strongest; what the user does
// not want to hear of is settled for each, so that a suppression of one hides no other.
#pragma once

#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// A digest of all by which a suppression or a comment in the source may tell two findings of one id apart. Reentrant; linear in the
/// finding's frames.
std::string look_of(const finding& what);

/// The instances that `told` tells, itself first, each with its own counts. The inverse of told_of, but for the order.
std::vector<finding> instances_of(finding told);

/// The strongest (the first of equals) with the others in finding::others. Counts are the sums over those of its id. Precondition: not
/// empty.
finding told_of(std::vector<finding> instances);

}  // namespace interlock::findings
