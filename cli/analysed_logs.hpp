// Logs and summaries of them to findings, with a line of progress on a terminal.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/detectors/stall.hpp"
#include "analysis/findings/finding.hpp"
#include "analysis/findings/lock_order.hpp"
#include "analysis/findings/run_summary.hpp"

namespace interlock::cli {

struct analysed_logs {
    findings::report_data data;
    findings::lock_order order;   // where it was asked for
    findings::run_summary graph;  // the same
    /// Logs that cannot be used: "path: offset N: reason"; of a summary "path:line: reason". The others are in `data`.
    std::vector<std::string> problems;
};

enum class wanted : std::uint8_t {
    findings,
    findings_now,        // of processes that may still run: who is stuck is so now
    findings_and_graph,  // at the price of every symbol in the graph
    lock_order,
};

/// The summary that the file `path` is, if it is one. Failure: one line, in `problem`.
std::optional<findings::run_summary> summary_at(const std::string& path, std::optional<std::string>& problem);

/// Analyses all `logs` together, summaries among them. `standing`: what was seen of processes that stood still, by log. Thread-bound.
analysed_logs analyse(const std::vector<std::string>& logs, wanted what = wanted::findings,
                      const std::map<std::string, detectors::standing>& standing = {});

}  // namespace interlock::cli
