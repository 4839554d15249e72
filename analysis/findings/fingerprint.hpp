// A finding's id: the same defect has the same id in every run of the same program. Made from functions and what locks are
// called in the source; no address, process, line number or order of discovery is part of it.
#pragma once

#include <string>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// 16 hex digits (XXH3, 64 bits) over the kind and, for each edge in the least rotation, the functions of hold and request,
/// their modes and the locks' source names without array indices; without edges, over the stack's innermost function.
/// The order in which a cycle is told, and on which of its edges it begins, does not matter. Reads nothing else of `what`:
/// not its verdict, so a finding that is seen better keeps its id. Reentrant; linear in the edges, times their rotation.
std::string fingerprint(const finding& what);

/// The text that fingerprint() hashes: for tests and for comparing two findings by eye.
std::string fingerprint_text(const finding& what);

}  // namespace interlock::findings
