// Threads that are stuck without a cycle of locks: they wait for a condition, a semaphore, a barrier ... that nobody is left to signal, or
// for a lock that somebody who is gone has left locked. Takes the present and what the events say of signals; gives one draft
// for each group of threads that waits for nothing but itself. Closed cycles of locks and joins are left to deadlock.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/detectors/wake_book.hpp"
#include "analysis/trace/present.hpp"

namespace interlock::detectors {

/// What was seen from outside of a process that stands still.
struct standing {
    /// Each agent's thread was looked at: it has been blocked, and has not moved, for a while. Else only the log says so.
    bool watched = false;
    /// Agents whose threads are not blocked where their page says.
    std::set<format::agent_id> live;
    /// The process goes on: what it did last may not be in the events yet.
    bool running = false;
    /// There are threads that the log does not know.
    bool strangers = false;
    /// The process handles signals, as the kernel says: who asked for that by a system call of his own is not in the log.
    bool handlers = false;
    /// Agents that wait for a lock whose owner was in another process and is no more.
    std::set<format::agent_id> orphans;
    /// Agents that wait for a lock of another process's, which waits for what they hold, by way of others perhaps.
    std::set<format::agent_id> across;
};

struct stall_sources {
    std::span<const trace::agent_present> present;  // of one moment
    const wake_book* book = nullptr;
    bool full = false;      // the events tell every signal
    bool is_final = false;  // nothing was done after the events: the process is no more
    std::function<bool(graph::resource)> is_lock;
    standing seen;
    bool woken_from_outside = false;  // signal handlers and the like may post a semaphore or wake a futex
    bool shares_objects = false;      // with other processes, which may signal anything
    detectors::damage damage;
};

/// Precondition: `book` is set. One stall for each object that nobody signals. Deterministic. Cost: linear in agents, holds and signallers.
std::vector<draft> find_stalls(const stall_sources& sources);

/// Enters in stall `into` the threads of another, whoever is behind them, and why; its own thread and object stay the first.
void join(draft& into, const draft& other);

}  // namespace interlock::detectors
