// A process that runs tests, one after the other: what orders them, and that one thread ran them all, is the test runner's doing and says
// nothing of the code they test. A rung of cycle_ladder.
#pragma once

#include <span>
#include <vector>

#include "analysis/detectors/cycle_moments.hpp"

namespace interlock::detectors {

/// Whether the sides were seen in tests that ran one after the other, and no one test has them all: a moment of each, the earliest that fit, into
/// `chosen`. Any two of them are of different tests, or of different agents and not ordered. Cost: bounded; where the bound cuts, they are not.
bool are_in_tests_apart(const test_scope& tests, const graph::segment_order& order, std::span<const side_moments> sides,
                        std::vector<seen>& chosen);

}  // namespace interlock::detectors
