// Waits that were not over when the process was killed and of which its log alone does not tell whether they ever would have been: no
// findings, but said.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/trace/present.hpp"

namespace interlock::detectors {

enum class unanswered : std::uint8_t {
    holder,   // no agent of the log has the lock: another process may
    signals,  // everybody waits, and who would signal is not in the log
};

struct unanswered_wait {
    unanswered what{};
    format::agent_id agent{};
    std::vector<std::uint64_t> trail;  // return addresses of the wait, innermost first
};

/// `present`: as the process left its pages when it was killed. `told`: what is known of it. `signals_known`: the log has them, or somebody
/// watched. Cost: linear in agents and holds, for the first kind.
std::vector<unanswered_wait> find_unanswered_waits(std::span<const trace::agent_present> present,
                                                   std::span<const draft> told, bool signals_known);

}  // namespace interlock::detectors
