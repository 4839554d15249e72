// What a watcher saw from outside, kept in the log: so the log of a killed process tells what was told while it lived.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "analysis/detectors/stall.hpp"
#include "analysis/trace/log_file.hpp"

namespace interlock::analysis {

/// Keeps it in the log at `path`. `agents`: of the look that it belongs to. Returns whether it is kept: not where the file may not be
/// written, or more threads run than there is room for.
bool keep_standing(const std::string& path, std::span<const trace::agent_present> agents,
                   const detectors::standing& seen);

/// What was kept, if it still holds for `agents`.
std::optional<detectors::standing> kept_standing(const trace::log_file& log,
                                                 std::span<const trace::agent_present> agents);

}  // namespace interlock::analysis
