// Processes: fork, exec, posix_spawn. vfork is left alone: it returns twice, and what its child does before exec is done in our name
// and does no harm. A forked child begins its log with its first operation.
#include <alloca.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>

#include "instrument/preload/hook.hpp"
#include "instrument/preload/process.hpp"
#include "instrument/recorder/exit_report.hpp"
#include "instrument/recorder/forks.hpp"
#include "instrument/recorder/interning.hpp"

namespace interlock::preload {
namespace {

using format::event_kind;

/// Registered first, so called last: after the program's own handlers have locked what the child shall find locked. Also
/// called where fork is not: daemon(), forkpty().
void before_fork() noexcept {
    note(here(), [](agent& self) { recorder::prepare_fork(self); });
}

/// False in a child that has no log of its own, by vfork or because it has recorded nothing yet.
bool is_recorded_process() noexcept {
    const format::file_header* header = recorder::process.log.header();
    return header != nullptr && recorder::process.generation->load(std::memory_order_relaxed) != 0 &&
           header->pid == static_cast<std::uint32_t>(recorder::current_process_id());
}

const char* find_variable(char* const* environment, const char* name) noexcept {
    const std::size_t size = std::strlen(name);
    for (; environment != nullptr && *environment != nullptr; ++environment)
        if (std::strncmp(*environment, name, size) == 0 && (*environment)[size] == '=') return *environment + size + 1;
    return nullptr;
}

/// Whether a program that is executed with these variables is no part of the run that this one is of.
bool loses_recorder(char* const* environment) noexcept {
    if (!recorder::is_run()) return false;
    const char* libraries = find_variable(environment, "LD_PRELOAD");
    return libraries == nullptr || std::strstr(libraries, "libinterlock") == nullptr ||
           find_variable(environment, "INTERLOCK_OPTIONS") == nullptr;
}

void tell_unrecorded(agent& self, const char* path, const call_point& from) noexcept {
    const format::string_id text = recorder::define_string(self, path, std::strlen(path));
    recorder::write(self, event_kind::blind_spot, static_cast<std::uint8_t>(format::blind_spot::unrecorded_program),
                    recorder::find_site(self, from).id, format::number(text), 0);
}

/// A child that leaves the recorder behind tells of it, if need be in a log that it begins for that, or in its parent's, whose memory it has.
template <typename Real>
int replace(const char* path, char* const* environment, const call_point& from, Real real_exec) {
    const bool lost = loses_recorder(environment);
    if (lost) note(from, [&](agent& self) { tell_unrecorded(self, path, from); });
    const bool recorded = lost || is_recorded_process();
    if (recorded)
        note(from, [&](agent& self) {
            const format::string_id text = recorder::define_string(self, path, std::strlen(path));
            recorder::write(self, event_kind::exec, 0, recorder::find_site(self, from).id, 0, format::number(text));
        });
    const int result = real_exec();
    const int error = errno;
    if (recorded)
        note(from, [&](agent& self) {
            recorder::write(self, event_kind::exec_failed, 0, {}, 0, static_cast<std::uint32_t>(error));
        });
    return result;
}

/// Where a descriptor leads, for the log; nothing where there is none. Not on the stack, which may be small.
class opened_path {
public:
    explicit opened_path(int descriptor) noexcept {
        if (!is_recorded_process()) return;
        text_ = static_cast<char*>(recorder::process.memory.allocate(text_size));
        if (text_ == nullptr) return;
        char link[32] = "/proc/self/fd/";
        std::size_t at = std::strlen(link);
        char digits[12];
        std::size_t count = 0;
        for (auto rest = static_cast<unsigned>(descriptor < 0 ? 0 : descriptor); rest != 0 || count == 0; rest /= 10)
            digits[count++] = static_cast<char>('0' + rest % 10);
        while (count != 0) link[at++] = digits[--count];
        link[at] = '\0';
        const long size = recorder::system_call(SYS_readlinkat, AT_FDCWD, reinterpret_cast<long>(link),
                                                reinterpret_cast<long>(text_), text_size - 1);
        text_[recorder::is_error(size) ? 0 : size] = '\0';
    }
    opened_path(const opened_path&) = delete;
    opened_path& operator=(const opened_path&) = delete;
    ~opened_path() { recorder::process.memory.release(text_, text_size); }

    const char* text() const noexcept { return text_ == nullptr ? "" : text_; }

private:
    static constexpr std::size_t text_size = 1024;
    char* text_ = nullptr;
};

using spawn_function = int (*)(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                               char* const*, char* const*);

/// The child runs nothing of ours before its image is replaced: all there is to say of it is said here, once it is known to be.
int spawn(spawn_function real_spawn, pid_t* child, const char* path, const posix_spawn_file_actions_t* actions,
          const posix_spawnattr_t* attributes, char* const* arguments, char* const* environment,
          const call_point& from) noexcept {
    const int result = real_spawn(child, path, actions, attributes, arguments, environment);
    if (result == 0 && is_recorded_process())
        note(from, [&](agent& self) {
            const format::string_id text = recorder::define_string(self, path, std::strlen(path));
            recorder::write(self, event_kind::spawn, 0, recorder::find_site(self, from).id, 0, format::number(text));
            if (loses_recorder(environment)) tell_unrecorded(self, path, from);
        });
    return result;
}

}  // namespace

void watch_forks() noexcept { pthread_atfork(before_fork, nullptr, nullptr); }

INTERLOCK_HOOK pid_t fork() {
    const call_point from = here();
    const pid_t child = real().fork();
    if (child > 0) note(from, [&](agent& self) { recorder::note_fork(self, child); });
    return child;
}

INTERLOCK_HOOK int execve(const char* path, char* const arguments[], char* const environment[]) {
    return replace(path, environment, here(), [&] { return real().execve(path, arguments, environment); });
}

INTERLOCK_HOOK int execv(const char* path, char* const arguments[]) {
    return replace(path, environ, here(), [&] { return real().execv(path, arguments); });
}

INTERLOCK_HOOK int execvp(const char* file, char* const arguments[]) {
    return replace(file, environ, here(), [&] { return real().execvp(file, arguments); });
}

INTERLOCK_HOOK int execvpe(const char* file, char* const arguments[], char* const environment[]) {
    return replace(file, environment, here(), [&] { return real().execvpe(file, arguments, environment); });
}

INTERLOCK_HOOK int fexecve(int descriptor, char* const arguments[], char* const environment[]) {
    const call_point from = here();
    const opened_path path(descriptor);
    return replace(path.text(), environment, from, [&] { return real().fexecve(descriptor, arguments, environment); });
}

INTERLOCK_HOOK int execveat(int folder, const char* path, char* const arguments[], char* const environment[],
                            int flags) {
    const call_point from = here();
    const opened_path opened(folder);
    const char* told = *path == '\0' ? opened.text() : path;
    return replace(told, environment, from,
                   [&] { return real().execveat(folder, path, arguments, environment, flags); });
}

// execl and its kin hand their arguments on as an array on the stack, as glibc does: the child of a vfork may call them.
#define INTERLOCK_GATHER(arguments, first)                                             \
    va_list each;                                                                      \
    va_start(each, first);                                                             \
    std::size_t count = 1;                                                             \
    while (va_arg(each, char*) != nullptr) ++count;                                    \
    va_end(each);                                                                      \
    auto** const arguments = static_cast<char**>(alloca((count + 1) * sizeof(char*))); \
    (arguments)[0] = const_cast<char*>(first);                                         \
    va_start(each, first);                                                             \
    for (std::size_t i = 1; i <= count; ++i) (arguments)[i] = va_arg(each, char*)

INTERLOCK_HOOK int execl(const char* path, const char* first, ...) {
    const call_point from = here();
    INTERLOCK_GATHER(arguments, first);
    va_end(each);
    return replace(path, environ, from, [&] { return real().execv(path, arguments); });
}

INTERLOCK_HOOK int execlp(const char* file, const char* first, ...) {
    const call_point from = here();
    INTERLOCK_GATHER(arguments, first);
    va_end(each);
    return replace(file, environ, from, [&] { return real().execvp(file, arguments); });
}

INTERLOCK_HOOK int execle(const char* path, const char* first, ...) {
    const call_point from = here();
    INTERLOCK_GATHER(arguments, first);
    char** const environment = va_arg(each, char**);
    va_end(each);
    return replace(path, environment, from, [&] { return real().execve(path, arguments, environment); });
}

INTERLOCK_HOOK int posix_spawn(pid_t* child, const char* path, const posix_spawn_file_actions_t* actions,
                               const posix_spawnattr_t* attributes, char* const arguments[],
                               char* const environment[]) {
    return spawn(real().posix_spawn, child, path, actions, attributes, arguments, environment, here());
}

INTERLOCK_HOOK int posix_spawnp(pid_t* child, const char* file, const posix_spawn_file_actions_t* actions,
                                const posix_spawnattr_t* attributes, char* const arguments[],
                                char* const environment[]) {
    return spawn(real().posix_spawnp, child, file, actions, attributes, arguments, environment, here());
}

}  // namespace interlock::preload
