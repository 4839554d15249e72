// The lock order of this process, looked at while it runs: the first inversion is told at once, in three lines, and noted in the log as
// `alarm_order`. Only where the program is linked with the recorder and wants a report; all judgement beyond is analysis's, at exit.
#pragma once

#include <atomic>
#include <cstdint>

#include "instrument/recorder/agent.hpp"

namespace interlock::recorder {

/// What outlives an agent of its part in the order. Immortal.
struct order_side {
    format::agent_id id{};
    std::atomic<std::uint64_t> joined_at{~std::uint64_t{0}};  // by order_clock; all ones: not joined
    std::atomic<std::uint64_t> stepped_at{0};                 // as agent::stepped_at
    char name[16] = "";
};

/// True while inversions are looked for. Relaxed: who misses the change does a little work in vain.
extern constinit std::atomic<bool> order_check_on;
/// Goes up with every event that may order agents against each other.
extern constinit std::atomic<std::uint64_t> order_clock;

/// The agent is at an event that orders it against others: called before it lets others go on, and after it was let go on itself.
inline void step_in_order(agent& self) noexcept {
    if (__builtin_expect(!order_check_on.load(std::memory_order_relaxed), 1)) return;
    // relaxed: whatever the event is, it orders these by itself for those whom it orders
    self.stepped_at = order_clock.fetch_add(1, std::memory_order_relaxed) + 1;
    if (self.side != nullptr) self.side->stepped_at.store(self.stepped_at, std::memory_order_relaxed);
}

/// Somebody has joined `gone`. Thread-safe.
void note_joined_in_order(format::agent_id gone) noexcept;

/// A dependency that this agent has just logged for the first time. Prints at most once a process. Thread-bound; the agent is busy.
/// Cost: a few hash lookups for each lock held (none beyond eight), a search of bounded length.
void check_order(agent& self, format::object_id wanted, std::uint8_t flags, std::uintptr_t site,
                 std::uint32_t dependency) noexcept;

/// Begins the check, with an empty graph: at the start, and in a forked child (whose arena is empty).
void begin_order_check(bool on) noexcept;

}  // namespace interlock::recorder
