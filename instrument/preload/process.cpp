// Processes: fork, and exec. vfork is left alone: it returns twice, and what its child does before exec is done in our name and
// does no harm; posix_spawn forks without calling anything of the program. A forked child begins its log with its first operation.
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "instrument/preload/hook.hpp"
#include "instrument/preload/process.hpp"
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

template <typename Real>
int replace(const char* path, const call_point& from, Real real_exec) {
    const bool recorded = is_recorded_process();
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

}  // namespace

void watch_forks() noexcept { pthread_atfork(before_fork, nullptr, nullptr); }

INTERLOCK_HOOK pid_t fork() {
    const call_point from = here();
    const pid_t child = real().fork();
    if (child > 0) note(from, [&](agent& self) { recorder::note_fork(self, child); });
    return child;
}

INTERLOCK_HOOK int execve(const char* path, char* const arguments[], char* const environment[]) {
    return replace(path, here(), [&] { return real().execve(path, arguments, environment); });
}

INTERLOCK_HOOK int execv(const char* path, char* const arguments[]) {
    return replace(path, here(), [&] { return real().execv(path, arguments); });
}

INTERLOCK_HOOK int execvp(const char* file, char* const arguments[]) {
    return replace(file, here(), [&] { return real().execvp(file, arguments); });
}

INTERLOCK_HOOK int execvpe(const char* file, char* const arguments[], char* const environment[]) {
    return replace(file, here(), [&] { return real().execvpe(file, arguments, environment); });
}

INTERLOCK_HOOK int fexecve(int descriptor, char* const arguments[], char* const environment[]) {
    return replace("", here(), [&] { return real().fexecve(descriptor, arguments, environment); });
}

}  // namespace interlock::preload
