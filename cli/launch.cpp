// fork, exec, wait. The exec's failure comes back through a pipe that a successful exec closes.
#include "cli/launch.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/exit_status.hpp"

namespace interlock::cli {
namespace {

constexpr std::array passed_on = {SIGTERM, SIGHUP};
constexpr std::array ignored = {SIGINT, SIGQUIT};

volatile std::sig_atomic_t program_pid = 0;

void pass_on(int signal) {
    const int error = errno;
    if (program_pid > 0) ::kill(program_pid, signal);
    errno = error;
}

/// Blocks all signals while it lives; dispositions before are kept for the program.
class signal_guard {
public:
    signal_guard() {
        sigset_t all;
        sigfillset(&all);
        ::sigprocmask(SIG_BLOCK, &all, &mask_);
        for (std::size_t i = 0; i < ignored.size(); ++i) ::sigaction(ignored[i], nullptr, &ignored_before_[i]);
        for (std::size_t i = 0; i < passed_on.size(); ++i) ::sigaction(passed_on[i], nullptr, &passed_before_[i]);
    }
    ~signal_guard() { unblock(); }
    signal_guard(const signal_guard&) = delete;
    signal_guard& operator=(const signal_guard&) = delete;

    void unblock() { ::sigprocmask(SIG_SETMASK, &mask_, nullptr); }

    /// Here: ignore what the terminal sends to both, pass on the rest unless whoever started us had it ignored (nohup).
    void divert() {
        struct sigaction action {};
        action.sa_handler = SIG_IGN;
        for (const int signal : ignored) ::sigaction(signal, &action, nullptr);
        action.sa_handler = pass_on;
        action.sa_flags = SA_RESTART;
        for (std::size_t i = 0; i < passed_on.size(); ++i)
            if (passed_before_[i].sa_handler != SIG_IGN) ::sigaction(passed_on[i], &action, nullptr);
    }

    void restore() {
        for (std::size_t i = 0; i < ignored.size(); ++i) ::sigaction(ignored[i], &ignored_before_[i], nullptr);
        for (std::size_t i = 0; i < passed_on.size(); ++i) ::sigaction(passed_on[i], &passed_before_[i], nullptr);
    }

private:
    sigset_t mask_{};
    std::array<struct sigaction, ignored.size()> ignored_before_{};
    std::array<struct sigaction, passed_on.size()> passed_before_{};
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

launch_result not_run(int status, std::string problem) {
    launch_result out;
    out.status = status;
    out.problem = std::move(problem);
    return out;
}

launch_result not_executed(const std::string& program, int error) {
    if (error == ENOENT && find_program(program).empty())
        return not_run(exit_status::not_found, fmt::format("{}: program not found", program));
    return not_run(exit_status::cannot_execute,
                   fmt::format("{}: cannot be executed: {}", program,
                               error == ENOENT ? "its interpreter is not there" : std::strerror(error)));
}

/// Calls `meanwhile` until the program has ended, which is left to be waited for, or until it is to be killed, and is. Returns
/// whether it was.
bool look_meanwhile(pid_t program, const std::function<bool()>& meanwhile) {
    constexpr int interval_ms = 100;
    pollfd ended{static_cast<int>(::syscall(SYS_pidfd_open, program, 0)), POLLIN, 0};
    bool kill = false;
    for (siginfo_t info{}; !kill; kill = meanwhile()) {
        ::poll(&ended, ended.fd < 0 ? 0 : 1, interval_ms);  // a kernel before 5.3 has no such descriptor: asked below
        if (::waitid(P_PID, static_cast<id_t>(program), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0)
            break;
    }
    if (ended.fd >= 0) ::close(ended.fd);
    if (kill) ::kill(program, SIGKILL);
    return kill;
}

}  // namespace

std::string find_program(const std::string& program) {
    const auto is_file = [](const std::string& path) {
        struct stat status {};
        return ::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
    };
    if (program.find('/') != std::string::npos) return is_file(program) ? program : std::string();
    const char* from_environment = std::getenv("PATH");
    std::string_view rest = from_environment == nullptr ? "/bin:/usr/bin" : from_environment;
    for (;;) {
        const std::size_t colon = rest.find(':');
        const std::string_view folder = rest.substr(0, colon);
        std::string path = folder.empty() ? program : fmt::format("{}/{}", folder, program);
        if (is_file(path) && ::access(path.c_str(), X_OK) == 0) return path;
        if (colon == std::string_view::npos) return {};
        rest.remove_prefix(colon + 1);
    }
}

launch_result launch(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                     const std::function<bool()>& meanwhile) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
        return not_run(exit_status::own_error, fmt::format("pipe: {}", std::strerror(errno)));
    std::vector<char*> arguments = pointers(command);
    std::vector<char*> variables = pointers(environment);
    signal_guard signals;
    const pid_t pid = ::fork();
    if (pid == 0) {
        signals.unblock();
        ::execvpe(arguments[0], arguments.data(), variables.data());
        const int error = errno;
        [[maybe_unused]] const ssize_t told = ::write(pipe[1], &error, sizeof error);
        ::_exit(exit_status::cannot_execute);
    }
    ::close(pipe[1]);
    if (pid < 0) {
        ::close(pipe[0]);
        return not_run(exit_status::own_error, fmt::format("fork: {}", std::strerror(errno)));
    }
    program_pid = pid;
    signals.divert();
    signals.unblock();
    int error = 0;
    const ssize_t got = ::read(pipe[0], &error, sizeof error);
    ::close(pipe[0]);
    launch_result out;
    if (meanwhile && got != static_cast<ssize_t>(sizeof error)) out.killed_here = look_meanwhile(pid, meanwhile);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    program_pid = 0;
    signals.restore();
    if (got == static_cast<ssize_t>(sizeof error)) return not_executed(command[0], error);
    out.pid = pid;
    out.ran = true;
    out.killed_here = out.killed_here && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    out.status = WIFSIGNALED(status) ? exit_status::signal_base + WTERMSIG(status) : WEXITSTATUS(status);
    return out;
}

}  // namespace interlock::cli
