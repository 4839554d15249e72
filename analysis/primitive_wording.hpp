// What is said of misuse that our primitives see themselves: broken promises, exhausted pools, handlers that block their loop, locks held
// across a suspension. Facts in, text out.
#pragma once

#include <string>

#include "analysis/detectors/draft.hpp"

namespace interlock::analysis {

/// Empty for all other kinds.
std::string primitive_message(const detectors::draft& from);
std::string primitive_advice(const detectors::draft& from);

}  // namespace interlock::analysis
