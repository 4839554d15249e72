// The state pages of a log that may still grow, without its events: what a watcher looks at many times a second. What a page means
// is left to present; what the events say, to trace.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/block_scan.hpp"
#include "analysis/trace/log_file.hpp"
#include "analysis/trace/present.hpp"

namespace interlock::trace {

/// Thread-bound.
class present_log {
public:
    /// Failure: why the file cannot be used, as it is now.
    [[nodiscard]] std::optional<problem> open(const std::string& path) { return file_.open(path); }

    /// Every agent's page, read now. Failure: the file went away. Cost: a stat, a page read for each agent, and for each block that
    /// is new since the last call.
    [[nodiscard]] std::optional<problem> look(std::vector<agent_present>& into) {
        if (auto gone = file_.refresh()) return gone;
        chunks_.clear();
        losses_.clear();
        blocks_.scan(file_, false, chunks_, losses_);
        into = read_present(file_, blocks_.state_pages());
        return std::nullopt;
    }

    const log_file& file() const noexcept { return file_; }

private:
    log_file file_;
    block_scan blocks_;
    std::vector<chunk_place> chunks_;  // not used; kept for their memory
    std::vector<loss> losses_;
};

}  // namespace interlock::trace
