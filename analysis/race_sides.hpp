// The two sides of a data race as a reader sees them: who did what, where, holding what, and what the memory is.
#pragma once

#include "analysis/detectors/draft.hpp"
#include "analysis/findings/finding.hpp"
#include "analysis/naming.hpp"

namespace interlock::analysis {

/// Fills `accesses` and `variable`, and the words that tell of them: message, advice. Precondition: from.race has a value.
void add_race_sides(const detectors::draft& from, naming& names, std::size_t log, findings::finding& into);

/// Advice of locksets beyond the two sides: where neither holds a lock, another race on the same memory may show which one guards it.
void advise_by_others(std::vector<findings::finding>& all);

/// The locks and threads that a race speaks of, for a finding's lists.
std::vector<graph::resource> locks_of(const format::race_payload& race);

}  // namespace interlock::analysis
