// ptrace(2), PTRACE_SEIZE and what follows from it. A thread that waits in futex(2) starts its wait anew when it goes on; its
// program does not notice. That is not so of every system call (epoll_wait returns EINTR), hence only such threads are seized.
#include "analysis/snapshot/tracees.hpp"

#include <elf.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

namespace interlock::snapshot {

tracees::~tracees() {
    for (const auto& [thread, how] : all_) {
        // One that has not stopped cannot be let go: the kernel does so when this process ends.
        if (how.stopped) ::ptrace(PTRACE_DETACH, thread, nullptr, static_cast<std::uintptr_t>(how.signal));
    }
}

int tracees::seize(pid_t thread) {
    if (::ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0) return errno;
    all_[thread] = {};
    if (::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) != 0 && errno != ESRCH) return errno;
    return 0;
}

void tracees::await_stops(int wait_ms_max) {
    for (int waited_ms = 0;;) {
        bool is_missing = false;
        for (auto it = all_.begin(); it != all_.end();) {
            int status = 0;
            const pid_t told = it->second.stopped ? 0 : ::waitpid(it->first, &status, __WALL | WNOHANG);
            if (told == it->first && !WIFSTOPPED(status)) {
                it = all_.erase(it);  // it ended
                continue;
            }
            if (told == it->first) {
                it->second.stopped = true;
                // An event is ptrace's own; anything else is a signal on its way to the program, who shall have it.
                it->second.signal = status >> 16 == 0 ? WSTOPSIG(status) : 0;
            }
            is_missing = is_missing || !it->second.stopped;
            ++it;
        }
        if (!is_missing || waited_ms >= wait_ms_max) return;
        ::poll(nullptr, 0, 1);
        ++waited_ms;
    }
}

std::optional<user_regs_struct> tracees::registers(pid_t thread) const {
    const auto known = all_.find(thread);
    if (known == all_.end() || !known->second.stopped) return std::nullopt;
    user_regs_struct values{};
    iovec place{&values, sizeof values};
    if (::ptrace(PTRACE_GETREGSET, thread, static_cast<std::uintptr_t>(NT_PRSTATUS), &place) != 0 ||
        place.iov_len != sizeof values)
        return std::nullopt;  // less: a 32-bit thread
    return values;
}

}  // namespace interlock::snapshot
