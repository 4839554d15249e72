// Logs to findings, with a line of progress on a terminal.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analysis/detectors/stall.hpp"
#include "analysis/findings/finding.hpp"
#include "analysis/findings/lock_order.hpp"

namespace interlock::cli {

struct analysed_logs {
    findings::report_data data;
    findings::lock_order order;  // where it was asked for
    /// Logs that cannot be used: "path: offset N: reason". The others are in `data`.
    std::vector<std::string> problems;
};

enum class wanted : std::uint8_t {
    findings,
    findings_now,  // of processes that may still run: who is stuck is so now
    lock_order,
};

/// Analyses all `logs` together. `standing`: what was seen of processes that stood still, by log. Thread-bound.
analysed_logs analyse(const std::vector<std::string>& logs, wanted what = wanted::findings,
                      const std::map<std::string, detectors::standing>& standing = {});

}  // namespace interlock::cli
