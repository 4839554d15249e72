// A thread blocked in pthread_mutex_lock waits on the first word of the mutex (glibc 2.36, nptl/pthread_mutex_lock.c), so the address in its
// system call is the mutex's. Read, judged, and read again: the owner that is gone is the one that has it now.
#include "analysis/live/lost_owner.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <linux/futex.h>
#include <pthread.h>
#include <sys/uio.h>

namespace interlock::live {

namespace {

constexpr long futex = 202;
// Of __data.__kind: nptl/pthreadP.h.
constexpr int robust = 16;
constexpr int inherits_priority = 32;
constexpr int shared = 128;

bool read_mutex(pid_t process, std::uint64_t address, pthread_mutex_t& into) {
    const iovec here{&into, sizeof into};
    const iovec there{reinterpret_cast<void*>(address), sizeof into};
    return ::process_vm_readv(process, &here, 1, &there, 1, 0) == static_cast<ssize_t>(sizeof into);
}

/// The thread that has the mutex, if it is one that outlives its owner locked; else 0.
int owner_of(const pthread_mutex_t& mutex) {
    const auto& data = mutex.__data;
    if ((data.__kind & shared) == 0 || (data.__kind & (robust | inherits_priority)) != 0) return 0;
    if (data.__lock == 0 || data.__nusers == 0) return 0;
    return data.__owner;
}

bool is_lost(pid_t process, std::uint64_t address) {
    pthread_mutex_t before, after;
    if (!read_mutex(process, address, before)) return false;
    const int owner = owner_of(before);
    if (owner <= 0 || ::kill(owner, 0) == 0 || errno != ESRCH) return false;
    return read_mutex(process, address, after) && owner_of(after) == owner;
}

/// The thread that has the mutex, if one that runs can.
std::uint32_t owner_at(pid_t process, std::uint64_t address) {
    pthread_mutex_t mutex;
    if (!read_mutex(process, address, mutex)) return 0;
    const auto& data = mutex.__data;
    if ((data.__kind & shared) == 0 || (data.__kind & inherits_priority) != 0 || data.__lock == 0) return 0;
    if ((data.__kind & robust) != 0) return static_cast<std::uint32_t>(data.__lock) & FUTEX_TID_MASK;
    return data.__nusers == 0 ? 0 : static_cast<std::uint32_t>(data.__owner);
}

/// Calls `see(agent, address)` for each that waits for a lock, and whose thread is blocked in a futex there.
template <typename See>
void each_blocked(std::span<const trace::agent_present> agents, std::span<const std::uint64_t> waiting,
                  const process_state& state, See see) {
    for (const trace::agent_present& agent : agents) {
        // Who waits for a condition besides may be blocked there.
        if (agent.want.operation != format::event_kind::request || agent.want.condition != format::object_id::none ||
            !std::binary_search(waiting.begin(), waiting.end(), agent.offset))
            continue;
        const auto task = std::find_if(state.tasks.begin(), state.tasks.end(),
                                       [&](const task_state& one) { return one.thread == agent.thread; });
        if (task != state.tasks.end() && task->system_call == futex) see(agent.agent, task->argument);
    }
}

}  // namespace

std::set<format::agent_id> waiting_for_lost_owners(std::span<const trace::agent_present> agents,
                                                   std::span<const std::uint64_t> waiting, pid_t process,
                                                   const process_state& state) {
    std::set<format::agent_id> made;
    each_blocked(agents, waiting, state, [&](format::agent_id agent, std::uint64_t address) {
        if (is_lost(process, address)) made.insert(agent);
    });
    return made;
}

std::vector<wait_abroad> waiting_for_other_processes(std::span<const trace::agent_present> agents,
                                                     std::span<const std::uint64_t> waiting, pid_t process,
                                                     const process_state& state) {
    std::vector<wait_abroad> made;
    each_blocked(agents, waiting, state, [&](format::agent_id agent, std::uint64_t address) {
        const std::uint32_t owner = owner_at(process, address);
        const bool own = std::any_of(state.tasks.begin(), state.tasks.end(),
                                     [&](const task_state& one) { return one.thread == owner; });
        if (owner != 0 && !own) made.push_back({agent, owner});
    });
    return made;
}

}  // namespace interlock::live
