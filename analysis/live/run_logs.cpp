#include "analysis/live/run_logs.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "analysis/trace/log_file.hpp"

namespace interlock::live {

namespace fs = std::filesystem;

namespace {

constexpr int tries_max = 100;

/// Whether the file has no first word yet.
bool is_blank(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::uint64_t word = 0;
    file.read(reinterpret_cast<char*>(&word), sizeof word);
    return word == 0;
}

}  // namespace

/// Precondition: asked of parents before their children.
bool run_logs::is_ours(const format::file_header& header) {
    if (family_.empty()) return header.run[0] == run_[0] && header.run[1] == run_[1];
    const bool ours =
        family_.contains({header.pid, header.start_ticks}) ||
        (header.parent_start_ticks != 0 && family_.contains({header.parent_pid, header.parent_start_ticks}));
    if (ours) family_.insert({header.pid, header.start_ticks});
    return ours;
}

std::vector<std::string> run_logs::new_ones() {
    struct stat status {};
    if (::stat(folder_.c_str(), &status) != 0) return {};
    const bool changed = status.st_mtim.tv_sec != changed_.tv_sec || status.st_mtim.tv_nsec != changed_.tv_nsec;
    if (!changed && !again_) return {};
    again_ = changed;  // the folder's time has the grain of a timer tick: look once more
    changed_ = status.st_mtim;
    std::vector<std::pair<std::string, format::file_header>> found;
    std::error_code failed;
    for (fs::directory_iterator entry(folder_, failed), end; !failed && entry != end; entry.increment(failed)) {
        const std::string path = entry->path().string();
        std::error_code unreadable;
        if (known_.contains(path)) continue;
        if (!entry->is_regular_file(unreadable) || entry->is_symlink(unreadable)) {
            known_.insert(path);
            continue;
        }
        trace::log_file file;
        const auto unusable = file.open(path);
        if (unusable && is_blank(path) && ++tries_[path] < tries_max) {
            again_ = true;  // its header may be about to be written
            continue;
        }
        known_.insert(path);
        if (!unusable) found.emplace_back(path, file.header());
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.second.start_ticks < b.second.start_ticks; });
    std::vector<std::string> made;
    for (auto& [path, header] : found)
        if (is_ours(header)) made.push_back(std::move(path));
    return made;
}

}  // namespace interlock::live
