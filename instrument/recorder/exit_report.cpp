// The command is started by system calls alone: nothing of the program (its fork handlers, its allocator, its signal handlers) has a
// part in it. SIGCHLD is back at its default by then: a program that ignores its children would lose this one's status too.
#include "instrument/recorder/exit_report.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "instrument/recorder/message.hpp"
#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/spin_latch.hpp"
#include "instrument/recorder/standard_error.hpp"
#include "instrument/recorder/system_call.hpp"

extern "C" char** environ;

namespace interlock::recorder {
namespace {

constexpr int found_something = 66;  // of the command, unless told otherwise
constexpr int unusable_log = 3;      // it has said why
constexpr std::size_t signal_set_size = 8;
constexpr std::size_t variables_max = 16384;

constinit char log_folder[path_size_max] = "";

/// What the child needs; all of it made before it is born.
struct report_call {
    char command[path_size_max + 64];
    const char* arguments[24];
    const char* environment[variables_max];
    char suppressions[path_size_max];
    char baseline[path_size_max];
    char lock_order[path_size_max];
    char strip_path_prefix[path_size_max];
};
constinit report_call call{};
constinit spin_latch call_latch;  // guards it, until the command has ended

bool is_executable(const char* path) noexcept {
    // Relative to the folder in which the child will execute it.
    const long folder = log_folder[0] == '\0' ? AT_FDCWD
                                              : system_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>(log_folder),
                                                            O_PATH | O_DIRECTORY | O_CLOEXEC);
    const bool good =
        !is_error(system_call(SYS_faccessat, is_error(folder) ? AT_FDCWD : folder, reinterpret_cast<long>(path), X_OK));
    if (folder >= 0) system_call(SYS_close, folder);
    return good;
}

/// `folder` (of `size` characters) + `rest` into call.command. True: such a file can be executed.
bool try_command(const char* folder, std::size_t size, const char* rest) noexcept {
    const std::size_t rest_size = std::strlen(rest);
    if (size + rest_size >= sizeof call.command) return false;
    std::memcpy(call.command, folder, size);
    std::memcpy(call.command + size, rest, rest_size + 1);
    return is_executable(call.command);
}

int find_library(dl_phdr_info* info, std::size_t, void* data) noexcept {
    const auto here = reinterpret_cast<std::uintptr_t>(&find_library);
    for (std::size_t i = 0; i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr)& header = info->dlpi_phdr[i];
        if (header.p_type != PT_LOAD || here - info->dlpi_addr - header.p_vaddr >= header.p_memsz) continue;
        *static_cast<const char**>(data) = info->dlpi_name;
        return 1;
    }
    return 0;
}

bool find_beside_library() noexcept {
    const char* library = nullptr;
    iterate_modules(find_library, &library);
    const char* slash = library == nullptr ? nullptr : std::strrchr(library, '/');
    if (slash == nullptr) return false;
    const auto size = static_cast<std::size_t>(slash - library);
    for (const char* rest : {"/../../bin/interlock", "/../bin/interlock", "/../../cli/interlock"})
        if (try_command(library, size, rest)) return true;
    return false;
}

const char* variable(const char* name) noexcept {
    const std::size_t size = std::strlen(name);
    for (char** each = environ; each != nullptr && *each != nullptr; ++each)
        if (std::strncmp(*each, name, size) == 0 && (*each)[size] == '=') return *each + size + 1;
    return nullptr;
}

bool find_along_path() noexcept {
    const char* folder = variable("PATH");
    while (folder != nullptr && *folder != '\0') {
        const std::size_t size = std::strcspn(folder, ":");
        if (size != 0 && try_command(folder, size, "/interlock")) return true;
        folder += size + (folder[size] == ':');
    }
    return false;
}

bool find_command() noexcept {
    const options& settings = process.settings;
    if (settings.command[0] == '\0') return find_beside_library() || find_along_path();
    expand_log_path(settings.command, "", 0, call.command, sizeof call.command);
    return is_executable(call.command);
}

enum class purpose { report, watch, check };

void make_arguments(purpose what) noexcept {
    const options& settings = process.settings;
    std::size_t count = 0;
    const auto add = [&](const char* option, const char* value) {
        call.arguments[count++] = option;
        call.arguments[count++] = value;
    };
    if (what != purpose::watch) {
        add("interlock", "analyze");
        call.arguments[count++] = "--quiet";
    } else {
        add("interlock", "watch");
        add("--guard", "--detach");
        add("--watchdog", settings.watchdog);
        add("--on-deadlock", settings.on_deadlock[0] != '\0' ? settings.on_deadlock : "kill");
    }
    if (what == purpose::check)
        add("--fail-on", "error");  // as what a process itself finds is
    else if (settings.fail_on[0] != '\0')
        add("--fail-on", settings.fail_on);
    if (settings.color[0] != '\0') add("--color", settings.color);
    if (expand_log_path(settings.suppressions, "", 0, call.suppressions, sizeof call.suppressions))
        add("--suppressions", call.suppressions);
    if (expand_log_path(settings.baseline, "", 0, call.baseline, sizeof call.baseline))
        add("--baseline", call.baseline);
    // What a process itself finds is no violation, and a watcher looks at who is stuck.
    if (what == purpose::report && expand_log_path(settings.lock_order, "", 0, call.lock_order, sizeof call.lock_order))
        add("--lock-order", call.lock_order);
    if (expand_log_path(settings.strip_path_prefix, "", 0, call.strip_path_prefix, sizeof call.strip_path_prefix))
        add("--strip-path-prefix", call.strip_path_prefix);
    add("--", process.log.path());
    call.arguments[count] = nullptr;
}

/// The program's environment without what would have the command record itself.
void make_environment() noexcept {
    std::size_t count = 0;
    for (char** each = environ; each != nullptr && *each != nullptr && count + 1 < variables_max; ++each) {
        if (std::strncmp(*each, "LD_PRELOAD=", 11) == 0 || std::strncmp(*each, "INTERLOCK_OPTIONS=", 18) == 0) continue;
        call.environment[count++] = *each;
    }
    call.environment[count] = nullptr;
}

/// In the child, whose descriptors are its own: the report is the program's message, not its output; and where that has
/// nowhere to go, it goes nowhere.
void lead_output_to_messages(bool has_standard_error) noexcept {
    long messages = 2;
    if (!has_standard_error)
        messages = system_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/dev/null"), O_WRONLY);
    for (const long descriptor : {1L, 2L}) {
        if (messages == descriptor) continue;
        if (is_error(messages))
            system_call(SYS_close, descriptor);
        else
            system_call(SYS_dup2, messages, descriptor);
    }
}

/// clone, with the caller suspended until the child has executed `call` or ended. The child runs in this very frame and never leaves it;
/// the clone itself is inlined, and what the child calls lies below. Returns its id or a negative errno.
__attribute__((noinline)) long start_child(std::uint64_t* signals_before, bool is_heard) noexcept {
    const bool has_standard_error = is_heard && is_standard_error();
    long child = SYS_clone;
    {
        register long r10 asm("r10") = 0;
        register long r8 asm("r8") = 0;
        asm volatile("syscall"
                     : "+a"(child)
                     : "D"(static_cast<long>(CLONE_VM | CLONE_VFORK)), "S"(0L), "d"(0L), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    }
    if (child != 0) return child;
    lead_output_to_messages(has_standard_error);
    if (log_folder[0] != '\0') system_call(SYS_chdir, log_folder);
    system_call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(signals_before), 0, signal_set_size);
    system_call(SYS_execve, call.command, reinterpret_cast<long>(call.arguments),
                reinterpret_cast<long>(call.environment));
    for (;;) system_call(SYS_exit_group, 127L);
}

struct kernel_sigaction {
    std::uint64_t handler, flags, restorer, mask;
};

/// The command's wait status, or a negative errno: -ECHILD if a thread that waits for any child has had the status, or nobody gets any
/// because SIGCHLD is ignored. `is_heard`: what it prints is a message of the program, else lost.
long run_command(bool is_heard = true) noexcept {
    std::uint64_t all = ~std::uint64_t{0};
    std::uint64_t before = 0;
    // All signals blocked: until it executes, the child has the program's handlers.
    system_call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&all), reinterpret_cast<long>(&before),
                signal_set_size);
    const long child = start_child(&before, is_heard);
    system_call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&before), 0, signal_set_size);
    if (is_error(child)) return child;
    int status = 0;
    long result = 0;
    do result = system_call(SYS_wait4, child, reinterpret_cast<long>(&status), __WALL, 0);
    while (result == -EINTR);
    return is_error(result) ? result : status;
}

void say_not_made(const char* why, const char* what) noexcept {
    message text;
    (text << "interlock: no report at exit: " << why << what << "; interlock analyze " << process.log.path()
          << " makes it\n")
        .print();
}

}  // namespace

bool owns_log() noexcept {
    const format::file_header* header = process.log.header();
    return header != nullptr && process.generation->load(std::memory_order_relaxed) != 0 &&
           header->pid == static_cast<std::uint32_t>(current_process_id());
}

void note_log_folder() noexcept {
    if (is_error(system_call(SYS_getcwd, log_folder, sizeof log_folder))) log_folder[0] = '\0';
    char(&pattern)[path_size_max] = process.settings.log_path;
    if (log_folder[0] != '/' || pattern[0] == '/') return;
    static char whole[path_size_max];
    std::size_t used = 0;
    const std::size_t size = std::strlen(pattern) + 1;
    for (const char* c = log_folder; *c != '\0'; ++c) {
        if (used + size + 3 > sizeof whole) return;  // longer than a path may be
        whole[used++] = *c;
        if (*c == '%') whole[used++] = *c;  // it is no pattern
    }
    if (whole[used - 1] != '/') whole[used++] = '/';
    std::memcpy(whole + used, pattern, size);
    std::memcpy(pattern, whole, used + size);
}

void begin_commands() noexcept { call_latch.reset(); }

bool are_findings_left() noexcept {
    const options& settings = process.settings;
    if (settings.suppressions[0] == '\0' && settings.baseline[0] == '\0') return true;
    const spin_guard guard(call_latch);
    if (!find_command()) return true;
    make_arguments(purpose::check);
    make_environment();
    const long ended = run_command(false);
    return ended < 0 || !WIFEXITED(static_cast<int>(ended)) || WEXITSTATUS(static_cast<int>(ended)) != 0;
}

int report_at_exit(int status) noexcept {
    const spin_guard guard(call_latch);
    // What other threads still do is not the report's: the log stands still while it is read.
    process.recording.store(false, std::memory_order_release);
    process.generation->fetch_add(1, std::memory_order_relaxed);
    if (!find_command()) {
        say_not_made("the command interlock is not found; say where it is with INTERLOCK_OPTIONS=command=",
                     process.settings.command[0] == '\0' ? "FILE" : "FILE (there is none as it stands)");
        return status;
    }
    make_arguments(purpose::report);
    make_environment();
    const kernel_sigaction usual{};
    system_call(SYS_rt_sigaction, SIGCHLD, reinterpret_cast<long>(&usual), 0, signal_set_size);
    const long ended = run_command();
    if (ended < 0) {
        if (ended == -ECHILD) return status;  // the report is there
        say_not_made("no process to be had for ", call.command);
        return status;
    }
    const int wait_status = static_cast<int>(ended);
    if (WIFEXITED(wait_status)) {
        switch (WEXITSTATUS(wait_status)) {
            case 0:
            case unusable_log: return status;
            case found_something: return (status & 0xff) == 0 ? process.settings.exitcode : status;
            default: break;
        }
    }
    say_not_made(call.command, " failed");
    return status;
}

void start_watch() noexcept {
    if (process.settings.watchdog[0] == '\0' || !process.recording.load(std::memory_order_acquire)) return;
    message text;
    if (!find_command()) {
        (text << "interlock: nobody watches: the command interlock is not found; say where it is with "
                 "INTERLOCK_OPTIONS=command=FILE\n")
            .print();
        return;
    }
    make_arguments(purpose::watch);
    make_environment();
    const long ended = run_command();
    if (ended == 0 || ended == -ECHILD) return;
    (text << "interlock: nobody watches: " << call.command << " failed\n").print();
}

}  // namespace interlock::recorder
