// Logs of processes that the tests started: the statements of death tests, programs under test. Found beside this process's own log, each
// analysed while its process lives and once it has ended.
#pragma once

#include <time.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "analysis/analyser.hpp"

namespace interlock::gtest {

/// Thread-bound.
class child_logs {
public:
    /// `own`: the log of this process, whose folder is looked into; `pid`: its process.
    child_logs(const std::string& own, std::uint32_t pid);

    /// Findings that were not told before, those of each log with its process. Cost: a look into each new file of the folder; a walk through
    /// the folder if that has changed, or did so a moment ago.
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

    bool may_have_new_names();
    template <typename Take>
    void walk(Take take) const;
    bool adopt(const std::string& name);
    void find();

    std::string folder_;
    std::set<std::uint32_t> family_;         // pids
    std::unordered_set<std::string> names_;  // that the folder had at the last walk
    std::map<std::string, int>
        strangers_;         // new names that are no log of the family, or not yet: how often they were looked at
    timespec changed_{};    // the folder, at the last walk
    bool settled_ = false;  // a change after the last walk has another time
    std::vector<std::string> paths_;
    std::vector<child> children_;
};

}  // namespace interlock::gtest
