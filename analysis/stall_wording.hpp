// Words for threads that are stuck without a cycle of locks: the part of wording that knows what wakes whom.
#pragma once

#include <string>

#include "analysis/detectors/draft.hpp"
#include "analysis/findings/finding.hpp"

namespace interlock::analysis {

/// Whether the fact is one of stall's.
bool is_of_stall(detectors::fact what) noexcept;

std::string stall_reason(const detectors::draft& from, const detectors::reason& why);
std::string stall_message(const detectors::draft& from);
/// Precondition: `into` has its locks.
std::string stall_advice(const detectors::draft& from, const findings::finding& into);

/// Of a deadlock in which something other than a lock is waited for.
findings::coffman_conditions stall_conditions();

}  // namespace interlock::analysis
