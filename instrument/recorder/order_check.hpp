// The lock order of this process, looked at while it runs: the first inversion is told at once, in a few lines, and noted in the log as
// `alarm_order`. Only where somebody wants it: the program is linked with the recorder, is to halt, or has asked to be told.
#pragma once

#include <atomic>
#include <cstdint>

#include "instrument/recorder/agent.hpp"

namespace interlock::recorder {

/// True while inversions are looked for. Relaxed: who misses the change does a little work in vain.
extern constinit std::atomic<bool> order_check_on;

/// What step_in_order() does while it is on.
void follow_order(format::agent_id agent, format::event_kind what, std::uint32_t object) noexcept;

/// `agent` does `what` on `object` (numbers of the log), which orders it against others: called before it lets others go on, and after it was let
/// go on itself. Thread-safe.
inline void step_in_order(format::agent_id agent, format::event_kind what, std::uint32_t object) noexcept {
    if (__builtin_expect(order_check_on.load(std::memory_order_relaxed), 0)) follow_order(agent, what, object);
}

/// A dependency that this agent has just logged, for the first time in its segment. Tells of the cycle that it closes, if it is one of distinct agents that
/// nothing orders and no lock guards. Thread-bound; the agent is busy. Cost: order_graph.hpp.
void check_order(agent& self, format::object_id wanted, std::uint8_t flags, std::uintptr_t site,
                 std::uint32_t dependency) noexcept;

/// Begins anew, goes on or ends; what happened while it was off is not known to it. Thread-safe.
void resume_order_check(bool on) noexcept;

/// Begins the check, with an empty graph: at the start, and in a forked child (whose arena is empty).
void begin_order_check(bool on) noexcept;

}  // namespace interlock::recorder
