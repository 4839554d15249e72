// What the kernel tells of a process and its threads, by /proc. Needs no permission beyond being the same user's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "analysis/detectors/stall.hpp"
#include "analysis/trace/log_file.hpp"

namespace interlock::live {

struct task_state {
    std::uint32_t thread = 0;  // its number for itself
    char state = '?';  // as in /proc/PID/stat: R running, S sleeping, D waiting for a device, T and t stopped, Z ended
    long system_call = -2;       // the call it is blocked in; -1: none, it runs or could; -2: not known
    std::uint64_t argument = 0;  // the call's first
};

struct process_state {
    bool exists = false;       // false also for a process that has ended and was not waited for
    bool stopped = false;      // a signal or a debugger has stopped some thread of it
    bool traced = false;       // a debugger is attached
    bool elsewhere = false;    // in another namespace of processes: its numbers for itself are not ours
    std::uint64_t caught = 0;  // signals with a handler, number n as bit n - 1
    std::vector<task_state> tasks;
};

/// The number that it has for itself; 0: there is no such process.
std::uint32_t own_number(pid_t process);

/// The process that writes the log: it maps it, and has the number for itself that the header says. 0: none, it has ended. Cost: a few
/// file reads; where it is in another namespace of processes, or was killed, a file read for each process there is.
pid_t process_of(const trace::log_file& log);

/// As it is now; threads that come or go meanwhile may be missing. Cost: a few file reads a thread.
process_state read_process(pid_t process);

/// What the kernel says of agents that have stood still: whose threads are not blocked in a futex, as all that waits for other threads
/// is, and whether there are threads that no page speaks of. `waiting`: offsets of the pages, ascending.
detectors::standing standing_of(std::span<const trace::agent_present> agents, std::span<const std::uint64_t> waiting,
                                const process_state& process);

/// Whether some file mapping of the process is `path`.
bool maps_file(pid_t process, const std::string& path);

/// Files of this name ending that the process maps, in order of address, each once.
std::vector<std::string> mapped_files(pid_t process, const std::string& ending);

}  // namespace interlock::live
