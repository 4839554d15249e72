// Environment, launch, collection. Logs are told from others in their folder by the run's random id in their headers.
#include "cli/recording.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string_view>
#include <tuple>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/live/log_pages.hpp"
#include "analysis/live/process_state.hpp"
#include "analysis/symbols/program_file.hpp"
#include "analysis/trace/log_file.hpp"
#include "cli/parsing.hpp"

namespace interlock::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view library_name = "libinterlock.so";
constexpr int rounds_to_die_max = 200;  // of 10 ms

/// The recorder: beside the command in a build tree, in the library folders of the prefix where it is installed.
std::string find_library() {
    std::error_code failed;
    const fs::path here = fs::read_symlink("/proc/self/exe", failed).parent_path();
    for (const char* folder :
         {"../instrument/preload", "../lib/x86_64-linux-gnu", "../lib64", "../lib", "../lib/interlock"}) {
        const fs::path path = (here / folder / library_name).lexically_normal();
        if (fs::is_regular_file(path, failed)) return path.string();
    }
    const fs::path installed = fs::path(INTERLOCK_LIBDIR) / library_name;
    return fs::is_regular_file(installed, failed) ? installed.string() : std::string();
}

/// Why a program cannot be recorded, or nothing.
std::string why_not_recorded(const std::string& path) {
    symbols::program_file file = symbols::inspect_program(path);
    std::string of = path;
    for (int depth = 0; depth < 4 && file.kind == symbols::program_kind::script && !file.interpreter.empty(); ++depth) {
        of = file.interpreter;
        file = symbols::inspect_program(of);
    }
    if (file.secure)
        return of +
               " runs with another user's rights (setuid, setgid or file capabilities): the loader does not let it be "
               "recorded";
    switch (file.kind) {
        case symbols::program_kind::static_executable:
            return of + " is statically linked: its locks cannot be recorded; link it dynamically";
        case symbols::program_kind::other_machine: return of + " is not an x86-64 program: it cannot be recorded";
        case symbols::program_kind::dynamic_executable:
        case symbols::program_kind::script:
        case symbols::program_kind::other: return {};
    }
    return {};
}

/// A pattern as it stands in INTERLOCK_OPTIONS, where ':' and space separate.
std::string in_options(std::string_view pattern) {
    std::string out;
    for (const char c : pattern) {
        if (c == ':')
            out += "%c";
        else if (c == ' ')
            out += "%s";
        else
            out += c;
    }
    return out;
}

/// `text` with every '%' doubled: a path that is no pattern.
std::string literal(std::string_view text) {
    std::string out;
    for (const char c : text) out.append(c == '%' ? 2 : 1, c);
    return out;
}

/// A pattern or its folder: what the recorder will make of %h and of doubled signs. Nothing if it depends on the process.
std::optional<std::string> expanded(const std::string& folder) {
    std::string out;
    for (std::size_t i = 0; i < folder.size(); ++i) {
        if (folder[i] != '%' || i + 1 == folder.size()) {
            out += folder[i];
            continue;
        }
        switch (folder[++i]) {
            case 'p':
            case 'e': return std::nullopt;
            case 'h': {
                char name[256] = {};
                ::gethostname(name, sizeof name - 1);
                out += name;
                break;
            }
            case 'c': out += ':'; break;
            case 's': out += ' '; break;
            case '%': out += '%'; break;
            default: out += {'%', folder[i]};
        }
    }
    return out;
}

/// What keeps any log from being made in a folder that can be written to, or nothing: asked before the program runs for nothing.
std::optional<std::string> why_no_room(const std::string& folder) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < format::log_size_min)
        return fmt::format("{}: a log needs {} bytes, and the file-size limit is {}: see ulimit -f", folder,
                           format::log_size_min, limit.rlim_cur);
    std::string name = folder + "/interlock-XXXXXX";
    const int fd = ::mkstemp(name.data());
    int failed = fd < 0 ? errno : ::posix_fallocate(fd, 0, static_cast<off_t>(format::page_size));
    if (fd >= 0) {
        ::unlink(name.c_str());
        ::close(fd);
    }
    if (failed == EOPNOTSUPP || failed == EINVAL) failed = 0;  // a file system that cannot tell
    if (failed == 0) return std::nullopt;
    return fmt::format("{}: no log can be made there: {}", folder, std::strerror(failed));
}

bool is_log(const std::string& path) {
    trace::log_file file;
    return !file.open(path);
}

}  // namespace

std::optional<std::string> log_named(const std::string& pattern) { return expanded(pattern); }

recording::~recording() {
    std::error_code ignored;
    if (!own_folder_.empty()) fs::remove_all(own_folder_, ignored);
}

std::optional<std::string> recording::choose_place(const recording_options& chosen) {
    std::error_code failed;
    if (chosen.log.empty()) {
        const char* from_environment = std::getenv("TMPDIR");
        const std::string in = from_environment == nullptr || *from_environment == '\0' ? "/tmp" : from_environment;
        std::string folder = in + "/interlock-XXXXXX";
        if (::mkdtemp(folder.data()) == nullptr)
            return fmt::format(
                "{}: cannot make a folder for the log: {}; set TMPDIR to a folder that can be written to", in,
                std::strerror(errno));
        own_folder_ = fs::absolute(folder, failed).string();
        pattern_ = literal(own_folder_) + "/%e.%p.ilk";
        return why_no_room(in);
    }
    const fs::path wanted = fs::path(chosen.log);
    pattern_ = wanted.is_absolute() ? chosen.log : literal(current_folder()) + '/' + chosen.log;
    const auto folder = expanded(fs::path(pattern_).parent_path().string());
    if (!folder) return fmt::format("{}: %p and %e may stand in the name of a log, not of its folder", chosen.log);
    if (!fs::is_directory(*folder, failed)) return fmt::format("{}: there is no folder {}", chosen.log, *folder);
    if (::access(folder->c_str(), W_OK) != 0)
        return fmt::format("{}: cannot write to folder {}: {}", chosen.log, *folder, std::strerror(errno));
    // One name for the run's log: an older log there makes room, anything else stays.
    if (const auto path = expanded(pattern_); path && fs::exists(fs::symlink_status(*path, failed))) {
        if (!fs::is_regular_file(fs::symlink_status(*path, failed)) ||
            (fs::file_size(*path, failed) > 0 && !is_log(*path)))
            return fmt::format("{}: is there already and is no log of interlock", chosen.log);
        fs::remove(*path, failed);
    }
    return why_no_room(*folder);
}

std::vector<std::string> recording::environment(const recording_options& chosen, const std::string& library) const {
    std::vector<std::string> out;
    std::string preload = "LD_PRELOAD=" + library;
    std::string options = "INTERLOCK_OPTIONS=";
    for (char** variable = ::environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (text.starts_with("LD_PRELOAD=")) {
            const std::string_view before = text.substr(text.find('=') + 1);
            if (!before.empty()) preload += fmt::format(":{}", before);
        } else if (text.starts_with("INTERLOCK_OPTIONS=")) {
            options += fmt::format("{}:", text.substr(text.find('=') + 1));
        } else {
            out.emplace_back(text);
        }
    }
    options += fmt::format("log_path={}:level={}:max_log={}:run={:016x}{:016x}:report=0", in_options(pattern_),
                           chosen.level, chosen.max_log, run_[0], run_[1]);
    out.push_back(std::move(preload));
    out.push_back(std::move(options));
    return out;
}

std::optional<std::string> recording::make(const recording_options& chosen) {
    const std::string library = find_library();
    if (library.empty()) return fmt::format("{} is not where it was installed", library_name);
    if (library.find_first_of(": ") != std::string::npos)
        return fmt::format("{}: the loader cannot preload from a path with a colon or a space", library);
    program_path_ = find_program(chosen.command.front());
    if (!program_path_.empty()) blind_spot_ = why_not_recorded(program_path_);
    if (auto failed = choose_place(chosen)) return failed;
    std::random_device entropy;
    for (std::uint64_t& half : run_) half = std::uint64_t{entropy()} << 32 | entropy();
    run(chosen, environment(chosen, library));
    if (program_.ran) collect();
    return std::nullopt;
}

void recording::run(const recording_options& chosen, const std::vector<std::string>& environment) {
    const auto folder = expanded(fs::path(pattern_).parent_path().string());
    std::optional<live::log_pages> pages;
    if (folder) pages.emplace(*folder, run_);
    if (!chosen.on_stuck || !folder) {
        program_ = launch(chosen.command, environment);
        return;
    }
    live::run_watch watch(*folder, run_, chosen.watchdog_s);
    program_ = launch(chosen.command, environment, [&] {
        const std::vector<live::run_watch::stuck_log> stuck = watch.look();
        if (stuck.empty() || !chosen.on_stuck(stuck)) return false;
        watch.kill_all();
        return true;
    });
    // What was killed is there for a moment still, and is no survivor.
    for (int rounds = 0; program_.killed_here && rounds < rounds_to_die_max && !watch.is_over(); ++rounds)
        ::poll(nullptr, 0, 10);
}

void recording::collect() {
    const std::string folder = expanded(fs::path(pattern_).parent_path().string()).value_or(".");
    struct found {
        std::string path;
        bool is_program = false;
        std::uint64_t started = 0;
    };
    std::vector<found> all;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
        std::error_code unreadable;
        if (!entry->is_regular_file(unreadable) || entry->is_symlink(unreadable)) continue;
        trace::log_file file;
        if (file.open(entry->path().string()) || file.header().run[0] != run_[0] || file.header().run[1] != run_[1])
            continue;
        const std::uint64_t written = file.live().allocated;
        found one{entry->path().string(), file.header().pid == static_cast<std::uint32_t>(program_.pid),
                  file.header().start_ticks};
        // Give back what was mapped and not used, unless the process still runs and writes.
        const bool runs_on = live::process_of(file) != 0;
        if (runs_on) growing_.insert(one.path);
        if (written >= format::page_size && !runs_on) fs::resize_file(one.path, written, unreadable);
        all.push_back(std::move(one));
    }
    std::sort(all.begin(), all.end(), [](const found& a, const found& b) {
        return std::tuple(!a.is_program, a.started, a.path) < std::tuple(!b.is_program, b.started, b.path);
    });
    for (found& one : all) logs_.push_back(std::move(one.path));
    if (logs_.empty() && blind_spot_.empty())
        blind_spot_ =
            "nothing was recorded: no log could be made, or the program was not started with the recorder in it, or it "
            "ended before its first operation";
}

}  // namespace interlock::cli
