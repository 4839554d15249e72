// Formats: proc(5), pid_namespaces(7), ptrace(2) on Yama.
#include "analysis/snapshot/proc.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <sstream>

namespace interlock::snapshot {
namespace {

std::string folder_of(std::uint64_t pid) { return "/proc/" + std::to_string(pid); }

std::string first_line(std::string text) {
    text.resize(std::min(text.find('\n'), text.size()));
    return text;
}

std::uint64_t number_of(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string link_target(const std::string& path) {
    std::error_code failed;
    const std::filesystem::path target = std::filesystem::read_symlink(path, failed);
    return failed ? std::string() : target.string();
}

/// `begin-end permissions offset device inode path`
std::optional<mapping> mapping_of(const std::string& line) {
    mapping one;
    int path = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %*s %lx %*s %*s %n", &one.begin, &one.end, &one.file_offset, &path) != 3)
        return std::nullopt;
    if (path > 0 && static_cast<std::size_t>(path) < line.size() && line[static_cast<std::size_t>(path)] == '/')
        one.path = line.substr(static_cast<std::size_t>(path));
    return one;
}

}  // namespace

std::string read_proc(const std::string& path) {
    std::string out;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return out;
    std::array<char, 16384> part{};
    for (ssize_t size = 0; (size = ::read(file, part.data(), part.size())) > 0;)
        out.append(part.data(), static_cast<std::size_t>(size));
    ::close(file);
    return out;
}

std::string status_field(const std::string& status, const std::string& key) {
    std::istringstream lines(status);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(key + ':')) continue;
        const std::size_t begin = line.find_first_not_of(" \t", key.size() + 1);
        return begin == std::string::npos ? std::string() : line.substr(begin);
    }
    return {};
}

std::uint64_t inner_id(const std::string& status) {
    const std::string ids = status_field(status, "NSpid");
    const std::size_t last = ids.find_last_of(" \t");
    return number_of(last == std::string::npos ? ids : ids.substr(last + 1));
}

std::vector<thread> threads_of(std::uint64_t pid) {
    std::vector<thread> out;
    const std::string tasks = folder_of(pid) + "/task";
    const std::string own = first_line(read_proc(folder_of(pid) + "/comm"));
    std::error_code failed;
    for (std::filesystem::directory_iterator it(tasks, failed), end; !failed && it != end; it.increment(failed)) {
        thread one;
        one.told = number_of(it->path().filename().string());
        one.id = inner_id(read_proc(it->path().string() + "/status"));
        if (one.id == 0) one.id = one.told;
        const std::string name = first_line(read_proc(it->path().string() + "/comm"));
        // A thread that nobody named has the name of the process.
        if (one.told == pid)
            one.name = "main";
        else if (name != own)
            one.name = name;
        if (one.told != 0) out.push_back(std::move(one));
    }
    std::sort(out.begin(), out.end(), [](const thread& a, const thread& b) { return a.id < b.id; });
    return out;
}

doing what_does(std::uint64_t pid, std::uint64_t told_thread) {
    errno = 0;
    const std::string line = read_proc(folder_of(pid) + "/task/" + std::to_string(told_thread) + "/syscall");
    if (line.starts_with(std::to_string(SYS_futex) + ' ')) return doing::waits_in_futex;
    if (line.starts_with("running")) return doing::runs;
    return line.empty() && (errno == EACCES || errno == EPERM) ? doing::not_permitted : doing::waits_elsewhere;
}

std::vector<mapping> mappings_of(std::uint64_t pid) {
    std::vector<mapping> out;
    const bool elsewhere = link_target(folder_of(pid) + "/ns/mnt") != link_target("/proc/self/ns/mnt");
    const std::string root = elsewhere ? folder_of(pid) + "/root" : std::string();
    const std::string program = link_target(folder_of(pid) + "/exe");
    std::istringstream lines(read_proc(folder_of(pid) + "/maps"));
    for (std::string line; std::getline(lines, line);) {
        std::optional<mapping> one = mapping_of(line);
        if (!one) continue;
        constexpr std::string_view gone = " (deleted)";
        if (one->path.ends_with(gone)) {
            // The program's own file can still be reached, another's not.
            if (one->path == program) one->file = folder_of(pid) + "/exe";
            one->path.resize(one->path.size() - gone.size());
        } else if (!one->path.empty()) {
            one->file = root + one->path;
        }
        out.push_back(std::move(*one));
    }
    return out;
}

// The values of ptrace_scope: Documentation/admin-guide/LSM/Yama.rst of the kernel. Root passes 1 and 2.
std::string which_forbids(const permission_facts& facts) {
    const std::string forbids = "no permission to trace it: kernel.yama.ptrace_scope is " + facts.ptrace_scope;
    if (facts.ptrace_scope == "3") return forbids + ", which forbids it to everybody until the next boot";
    if (facts.is_root) return "no permission to trace it: this system forbids it even to root, as containers do";
    if (!facts.is_own) return "no permission to trace it: it belongs to another user; run this as that user or as root";
    if (facts.ptrace_scope == "1") return forbids + ", for children only; run this as root, or set that to 0";
    if (facts.ptrace_scope == "2") return forbids + ", for root only; run this as root, or set that to 0";
    return "no permission to trace it: its program may not be read, or it gave up being traced; run this as root";
}

std::string why_not_traced(std::uint64_t pid) {
    const std::string status = read_proc(folder_of(pid) + "/status");
    const std::uint64_t tracer = number_of(status_field(status, "TracerPid"));
    if (tracer != 0)
        return "process " + std::to_string(tracer) + " (" + first_line(read_proc(folder_of(tracer) + "/comm")) +
               ") traces it already, a debugger perhaps: let that go of it first";
    return which_forbids({number_of(status_field(status, "Uid")) == ::getuid(), ::geteuid() == 0,
                          first_line(read_proc("/proc/sys/kernel/yama/ptrace_scope"))});
}

}  // namespace interlock::snapshot
