// Formats: proc(5).
#include "analysis/live/process_state.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include <sys/stat.h>

#include "analysis/snapshot/proc.hpp"

namespace interlock::live {
namespace {

namespace fs = std::filesystem;
using snapshot::inner_id;
using snapshot::read_proc;
using snapshot::status_field;

std::string folder_of(pid_t process) { return "/proc/" + std::to_string(process); }

constexpr std::uint64_t bit_of(int signal) noexcept { return std::uint64_t{1} << (signal - 1); }

/// A fault comes of what its own thread does, which is blocked; the two before SIGRTMIN are glibc's.
constexpr std::uint64_t faults_and_inner = bit_of(SIGSEGV) | bit_of(SIGBUS) | bit_of(SIGFPE) | bit_of(SIGILL) |
                                           bit_of(SIGTRAP) | bit_of(SIGSYS) | bit_of(32) | bit_of(33);

/// The letter behind the name, which may hold any character, brackets too.
char state_letter(const std::string& stat) {
    const std::size_t end = stat.rfind(')');
    return end == std::string::npos || end + 2 >= stat.size() ? '?' : stat[end + 2];
}

void read_call(task_state& into, const std::string& text) {
    if (text.empty()) return;
    if (text.starts_with("running")) {
        into.system_call = -1;
        return;
    }
    char* rest = nullptr;
    into.system_call = std::strtol(text.c_str(), &rest, 10);
    into.argument = std::strtoull(rest, nullptr, 16);
}

/// Calls `see(folder)` for each of its threads that has not ended, as far as it can be told.
template <typename See>
void each_task(pid_t process, See see) {
    std::error_code failed;
    for (fs::directory_iterator entry(folder_of(process) + "/task", failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const char state = state_letter(read_proc(entry->path().string() + "/stat"));
        if (state != 'Z' && state != 'X' && state != '?') see(entry->path(), state);
    }
}

/// Calls `see(inode, path)` for each file mapping. By way of a thread that lives: the first may have ended, and maps nothing then.
template <typename See>
void each_mapping(pid_t process, See see) {
    std::string folder;
    each_task(process, [&](const fs::path& task, char) { folder = folder.empty() ? task.string() : folder; });
    std::istringstream maps(read_proc(folder + "/maps"));
    for (std::string line; std::getline(maps, line);) {
        std::istringstream words(line);
        std::string address, access, offset, device, path;
        std::uint64_t inode = 0;
        words >> address >> access >> offset >> device >> inode;
        std::getline(words >> std::ws, path);
        if (!path.empty() && path[0] == '/') see(inode, path);
    }
}

}  // namespace

std::uint32_t own_number(pid_t process) {
    return static_cast<std::uint32_t>(inner_id(read_proc(folder_of(process) + "/status")));
}

pid_t process_of(const trace::log_file& log) {
    const std::uint32_t number = log.header().pid;
    const auto same = static_cast<pid_t>(number);
    if (own_number(same) == number && maps_file(same, log.path())) return same;
    if ((log.live().status & format::process_status::ended) != 0) return 0;
    std::error_code failed;
    for (fs::directory_iterator entry("/proc", failed), end; !failed && entry != end; entry.increment(failed)) {
        const auto process = static_cast<pid_t>(std::strtol(entry->path().filename().c_str(), nullptr, 10));
        if (process > 0 && process != same && own_number(process) == number && maps_file(process, log.path()))
            return process;
    }
    return 0;
}

process_state read_process(pid_t process) {
    process_state made;
    const std::string status = read_proc(folder_of(process) + "/status");
    const std::string tracer = status_field(status, "TracerPid");
    made.traced = !tracer.empty() && tracer != "0";
    made.elsewhere = own_number(process) != static_cast<std::uint32_t>(process);
    made.caught = std::strtoull(status_field(status, "SigCgt").c_str(), nullptr, 16);
    each_task(process, [&](const fs::path& folder, char state) {
        task_state task;
        task.thread = made.elsewhere ? static_cast<std::uint32_t>(inner_id(read_proc(folder.string() + "/status")))
                                     : static_cast<std::uint32_t>(std::strtoul(folder.filename().c_str(), nullptr, 10));
        task.state = state;
        read_call(task, read_proc(folder.string() + "/syscall"));
        made.stopped = made.stopped || state == 'T' || state == 't';
        made.tasks.push_back(task);
    });
    made.exists = !made.tasks.empty();
    return made;
}

detectors::standing standing_of(std::span<const trace::agent_present> agents, std::span<const std::uint64_t> waiting,
                                const process_state& process) {
    constexpr long futex = 202;
    detectors::standing made;
    made.watched = true;
    std::map<std::uint32_t, const task_state*> tasks;
    for (const task_state& task : process.tasks) tasks.emplace(task.thread, &task);
    for (const trace::agent_present& agent : agents) {
        const auto task = tasks.find(agent.thread);
        if (!std::binary_search(waiting.begin(), waiting.end(), agent.offset)) made.live.insert(agent.agent);
        if (task == tasks.end()) continue;
        const bool blocked =
            task->second->state == 'S' && (task->second->system_call == futex || task->second->system_call == -2);
        if (!blocked) made.live.insert(agent.agent);
        tasks.erase(task);
    }
    made.strangers = !tasks.empty();
    made.handlers = (process.caught & ~faults_and_inner) != 0;
    return made;
}

bool maps_file(pid_t process, const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return false;
    const fs::path name = fs::path(path).filename();
    bool found = false;
    // Not by the whole path: links on the way to it are resolved there.
    each_mapping(process, [&](std::uint64_t inode, const std::string& one) {
        found = found || (inode == status.st_ino && fs::path(one).filename() == name);
    });
    return found;
}

std::vector<std::string> mapped_files(pid_t process, const std::string& ending) {
    std::vector<std::string> made;
    each_mapping(process, [&](std::uint64_t, const std::string& one) {
        if (one.ends_with(ending) && std::find(made.begin(), made.end(), one) == made.end()) made.push_back(one);
    });
    return made;
}

}  // namespace interlock::live
