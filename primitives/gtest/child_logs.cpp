#include "primitives/gtest/child_logs.hpp"

#include <signal.h>

#include <cerrno>
#include <filesystem>

#include "analysis/trace/log_file.hpp"

namespace interlock::gtest {

namespace {

constexpr int looks_max = 10;  // at a file that is no log: it may be about to become one

bool is_alive(std::uint32_t pid) noexcept { return ::kill(static_cast<pid_t>(pid), 0) == 0 || errno != ESRCH; }

}  // namespace

child_logs::child_logs(const std::string& own, std::uint32_t pid)
    : folder_{std::filesystem::absolute(own).parent_path().string()}, family_{pid} {
    // What lies there already is of others.
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder_, failed), end; !failed && entry != end;
         entry.increment(failed))
        known_.insert(entry->path().string());
}

/// Logs whose parent is one of the family: several passes, since a grandchild may be met before its parent.
void child_logs::find() {
    for (bool found = true; found;) {
        found = false;
        std::error_code failed;
        for (std::filesystem::directory_iterator entry(folder_, failed), end; !failed && entry != end;
             entry.increment(failed)) {
            const std::string path = entry->path().string();
            std::error_code unreadable;
            if (known_.contains(path) || !entry->is_regular_file(unreadable) || entry->is_symlink(unreadable)) continue;
            trace::log_file file;
            if (file.open(path) || !family_.contains(file.header().parent_pid)) {
                if (++looks_[path] >= looks_max) known_.insert(path);
                continue;
            }
            known_.insert(path);
            child made;
            made.pid = file.header().pid;
            made.analysis = std::make_unique<analysis::analyser>();
            if (made.analysis->add_log(path)) continue;
            family_.insert(made.pid);
            paths_.push_back(path);
            children_.push_back(std::move(made));
            found = true;
        }
    }
}

std::vector<findings::report_data> child_logs::news() {
    find();
    std::vector<findings::report_data> made;
    for (child& one : children_) {
        if (one.over) continue;
        const bool alive = is_alive(one.pid);
        one.over = !alive;
        if (one.analysis->feed(alive ? trace::expectation::more : trace::expectation::nothing_more)) one.over = true;
        findings::report_data data =
            one.analysis->findings_so_far(alive ? analysis::moment::now : analysis::moment::end);
        std::erase_if(data.findings, [&](const findings::finding& what) { return !one.told.insert(what.id).second; });
        if (!data.findings.empty()) made.push_back(std::move(data));
        if (one.over) one.analysis.reset();
    }
    return made;
}

}  // namespace interlock::gtest
