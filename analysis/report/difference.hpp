// What changed between two states of a program, for people and for scripts.
#pragma once

#include <string>

#include "analysis/findings/baseline.hpp"

namespace interlock::report {

/// Sections with a finding or an edge a line; the last line counts. Reentrant.
std::string difference_as_text(const findings::difference& what);
/// An object with `new`, `gone`, `still`, `new_edges` and `gone_edges`; the edges are null where one side tells of no graph.
std::string difference_as_json(const findings::difference& what);

}  // namespace interlock::report
