// Logs of processes that the tests started: the statements of death tests, programs under test. Found beside this process's own log, each
// analysed while its process lives and once it has ended.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "analysis/analyser.hpp"

namespace interlock::gtest {

/// Thread-bound.
class child_logs {
public:
    /// `own`: the log of this process, whose folder is looked into; `pid`: its process.
    child_logs(const std::string& own, std::uint32_t pid);

    /// Findings that were not told before, those of each log with its process. Cost: a look into each new file of the folder.
    std::vector<findings::report_data> news();

    /// Of all children so far.
    const std::vector<std::string>& paths() const noexcept { return paths_; }

private:
    struct child {
        std::uint32_t pid = 0;
        std::unique_ptr<analysis::analyser> analysis;
        std::set<std::string> told;  // ids
        bool over = false;
    };

    void find();

    std::string folder_;
    std::set<std::uint32_t> family_;  // pids
    std::set<std::string> known_;     // files that need no more looks
    std::map<std::string, int> looks_;
    std::vector<std::string> paths_;
    std::vector<child> children_;
};

}  // namespace interlock::gtest
