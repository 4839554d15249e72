// Threads of another process, stopped for a moment. They are seized, not attached to: no SIGSTOP is sent, a process that its user
// has stopped stays stopped, and the kernel lets all of them go should this process end.
#pragma once

#include <sys/types.h>
#include <sys/user.h>

#include <cstdint>
#include <map>
#include <optional>

namespace interlock::snapshot {

/// Thread-bound: all calls come from the thread that made it. The destructor lets every thread go, each with the signal that it
/// was about to take.
class tracees {
public:
    tracees() = default;
    ~tracees();
    tracees(const tracees&) = delete;
    tracees& operator=(const tracees&) = delete;

    /// Asks the thread to stop. Failure: errno; ESRCH if it is gone, EPERM if that is not permitted.
    int seize(pid_t thread);

    /// Waits until each seized thread has stopped, at most `wait_ms_max` milliseconds in all. Those that have not by then (a thread
    /// in an uninterruptible system call) have no registers.
    void await_stops(int wait_ms_max);

    /// Of a stopped thread, as they are in its system call.
    std::optional<user_regs_struct> registers(pid_t thread) const;

private:
    struct stop {
        bool stopped = false;
        int signal = 0;  // that it gets when it goes on
    };
    std::map<pid_t, stop> all_;
};

}  // namespace interlock::snapshot
