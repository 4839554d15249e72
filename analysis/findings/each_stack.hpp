// The stacks on which a finding happened.
#pragma once

#include <algorithm>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// Whether `test` holds for one of them; asks no more once it does.
bool any_stack(const finding& what, const auto& test) {
    if (!what.stack.empty() && test(what.stack)) return true;
    if (!what.wrapper.empty() && test(what.wrapper)) return true;
    if (std::any_of(what.accesses.begin(), what.accesses.end(), [&](const access& side) { return test(side.stack); }))
        return true;
    if (std::any_of(what.waits.begin(), what.waits.end(),
                    [&](const stuck_wait& one) { return !one.at.empty() && test(one.at); }))
        return true;
    return std::any_of(what.edges.begin(), what.edges.end(),
                       [&](const edge& side) { return test(side.held_stack) || test(side.wanted_stack); });
}

}  // namespace interlock::findings
