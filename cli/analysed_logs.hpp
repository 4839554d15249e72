// Logs to findings, with a line of progress on a terminal.
#pragma once

#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"
#include "analysis/findings/lock_order.hpp"

namespace interlock::cli {

struct analysed_logs {
    findings::report_data data;
    findings::lock_order order;  // where it was asked for
    /// Logs that cannot be used: "path: offset N: reason". The others are in `data`.
    std::vector<std::string> problems;
};

enum class wanted : bool { findings, lock_order };

/// Analyses all `logs` together. Thread-bound.
analysed_logs analyse(const std::vector<std::string>& logs, wanted what = wanted::findings);

}  // namespace interlock::cli
