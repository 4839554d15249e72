// Locks that processes share, and that a process which is no more has left locked, or another that runs has. No log of the waiting one's has
// that: glibc's own word in the lock says whose it is.
#pragma once

#include <set>
#include <span>
#include <vector>

#include "analysis/live/process_state.hpp"
#include "analysis/live/standstill.hpp"

namespace interlock::live {

/// Those of the waiting agents whose thread is blocked in a process-shared mutex that is not robust, of an owner that does not exist any
/// more. `waiting`: offsets of their pages, ascending. Needs the permission to trace the process; without it: nobody.
std::set<format::agent_id> waiting_for_lost_owners(std::span<const trace::agent_present> agents,
                                                   std::span<const std::uint64_t> waiting, pid_t process,
                                                   const process_state& state);

/// Those whose thread is blocked in a process-shared mutex that a thread of another process has, robust or not. As above.
std::vector<wait_abroad> waiting_for_other_processes(std::span<const trace::agent_present> agents,
                                                     std::span<const std::uint64_t> waiting, pid_t process,
                                                     const process_state& state);

}  // namespace interlock::live
