#include "primitives/gtest/child_logs.hpp"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>

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
    walk([this](const char* name) { names_.insert(name); });  // what lies there already is of others
}

/// By the folder's time of change, once that is old enough for the next change to have another: its grain is that of the kernel's clock, 10 ms at
/// most, or of a file system without parts of seconds.
bool child_logs::may_have_new_names() {
    struct stat now = {};
    timespec time = {};
    if (::stat(folder_.c_str(), &now) != 0 || ::clock_gettime(CLOCK_REALTIME, &time) != 0) return true;
    const timespec& changed = now.st_mtim;
    const bool as_before = changed.tv_sec == changed_.tv_sec && changed.tv_nsec == changed_.tv_nsec;
    if (as_before && settled_) return false;
    changed_ = changed;
    const auto age_s =
        static_cast<double>(time.tv_sec - changed.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec - changed.tv_nsec);
    settled_ = age_s > (changed.tv_nsec != 0 ? 0.1 : 3.0);
    return true;
}

template <typename Take>
void child_logs::walk(Take take) const {
    DIR* const open = ::opendir(folder_.c_str());
    if (open == nullptr) return;
    while (const dirent* entry = ::readdir(open))
        if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) take(entry->d_name);
    ::closedir(open);
}

/// False: it is no log of the family, or not yet.
bool child_logs::adopt(const std::string& name) {
    const std::string path = folder_ + '/' + name;
    std::error_code unreadable;
    if (std::filesystem::symlink_status(path, unreadable).type() != std::filesystem::file_type::regular) return false;
    trace::log_file file;
    if (file.open(path) || !family_.contains(file.header().parent_pid)) return false;
    child made;
    made.pid = file.header().pid;
    made.analysis = std::make_unique<analysis::analyser>();
    if (made.analysis->add_log(path)) return true;
    family_.insert(made.pid);
    paths_.push_back(path);
    children_.push_back(std::move(made));
    return true;
}

/// Logs whose parent is one of the family: several passes, since a grandchild may be met before its parent.
void child_logs::find() {
    if (may_have_new_names())
        walk([this](const char* name) {
            if (names_.insert(name).second) strangers_.emplace(name, 0);
        });
    while (std::erase_if(strangers_, [this](const auto& one) { return adopt(one.first); }) != 0) {
    }
    for (auto& [name, looks] : strangers_) ++looks;
    std::erase_if(strangers_, [](const auto& one) { return one.second >= looks_max; });
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
