// The sentences of a finding that follow from its data: what happens in it, the four conditions, what to do.
#pragma once

#include <string>

#include "analysis/findings/finding.hpp"

namespace interlock::report {

/// Fills each text that its detector left empty: message, why, advice, and what is missing of the conditions of a cycle or
/// deadlock. What is there stays. Precondition: numbered (arrange.hpp). Reentrant.
void explain(findings::finding& what);

/// "It can happen: alice locks a, bob locks b, then each waits for the other for ever." In the mood of the verdict; empty for a
/// finding without edges.
std::string story(const findings::finding& what);

}  // namespace interlock::report
