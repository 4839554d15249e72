// All processes of one run: finds their logs, looks at each, says which are stuck.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/live/log_watch.hpp"
#include "analysis/live/run_logs.hpp"

namespace interlock::live {

/// Kills the process by SIGKILL if it maps `log`. A number that has become another process's in the meantime does no harm: what is asked
/// and what is killed is one process.
void kill_if_it_maps(pid_t process, const std::string& log);

/// Thread-bound.
class run_watch {
public:
    run_watch(std::string folder, std::array<std::uint64_t, 2> run, double watchdog_s)
        : logs_{std::move(folder), run}, watchdog_s_{watchdog_s} {}

    /// The same for a process that nobody gave a run's id, and for all that it forks.
    run_watch(std::string folder, const format::file_header& first, double watchdog_s)
        : logs_{std::move(folder), first}, watchdog_s_{watchdog_s} {}

    struct stuck_log {
        std::string path;
        detectors::standing seen;
        pid_t process = 0;
    };
    /// Looks at all of them. Returns the logs in which threads are newly stuck.
    std::vector<stuck_log> look();

    /// Forgets the processes that have ended. Returns whether none is left. Cost: a look at the mappings of each.
    bool is_over();

    /// Kills every process of the run that is still there, by SIGKILL: those that map one of the logs.
    void kill_all() const;

private:
    void look_across(std::vector<stuck_log>& stuck);

    run_logs logs_;
    double watchdog_s_;
    std::vector<log_watch> watched_;
    unsigned looks_ = 0;
};

}  // namespace interlock::live
