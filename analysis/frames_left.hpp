// Which calls of an earlier stack of a thread have returned by a later one.
#pragma once

#include <vector>

#include "analysis/symbols/symboliser.hpp"

namespace interlock::analysis {

/// The innermost frames of `then` whose calls are over in `now`, both of one thread, whole, and innermost first. The calls that both
/// have come first from outside; where the stacks part, a function that is in both is still active, and what it called then is not.
/// Nothing is known, and none returned, of stacks that do not begin in one function. Linear in the frames.
std::vector<symbols::frame> frames_left(std::vector<symbols::frame> then, const std::vector<symbols::frame>& now);

}  // namespace interlock::analysis
