// Who stands still, from looks at the state pages at different moments. Cheap enough for many looks a second; whether it is a
// deadlock is left to the detectors, which are asked only when this says that somebody may be stuck.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "analysis/trace/present.hpp"

namespace interlock::live {

/// Seconds of some clock that does not stop while the machine is suspended, and of one that does.
struct look_time {
    double since_boot = 0;  // CLOCK_BOOTTIME
    double running = 0;     // CLOCK_MONOTONIC
};
look_time now();

/// The agents that cannot go on as far as owners tell: each waits, with no time-out, for a lock or an end that one of the others
/// holds (modes and types of locks are not looked at). Empty: nobody. Offsets of their pages, ascending.
std::vector<std::uint64_t> bound_in_cycles(std::span<const trace::agent_present> agents);

/// A request for a lock that a thread of another process has, by the kernel's number.
struct wait_abroad {
    format::agent_id agent{};
    std::uint32_t owner = 0;
};
/// One process: its agents, and which of them wait for another.
struct process_look {
    std::span<const trace::agent_present> agents;
    std::vector<wait_abroad> abroad;
};

/// The same over several processes: by process. Precondition: a thread has one page in all of them.
std::vector<std::vector<std::uint64_t>> bound_in_cycles(std::span<const process_look> processes);

/// Whether one of these pages wants a lock that no page holds.
bool wants_unheld_lock(std::span<const trace::agent_present> agents, std::span<const std::uint64_t> waiting);

/// Whether these pages may be stuck without a cycle: nobody else runs, or one of them wants a lock that no page holds. Cheap; the
/// detectors know better.
bool may_be_stalled(std::span<const trace::agent_present> agents, std::span<const std::uint64_t> waiting);

/// Thread-bound.
class standstill {
public:
    /// The agents as they are at `when`. Looks are to come at least every `gap_max` seconds: after a longer gap (this process or the
    /// machine was stopped) the time in between does not count, for nobody else could move either.
    void look(std::span<const trace::agent_present> agents, look_time when, double gap_max);

    /// Nobody has stood still so far.
    void begin_anew() {
        for (auto& [page, one] : pages_) one.age = 0;
    }

    /// Whether each of these pages was the same, `moves` included, in the look before.
    bool unmoved(std::span<const std::uint64_t> pages) const;

    /// The pages that wait without a time-out and have not moved for `seconds`. Ascending.
    std::vector<std::uint64_t> waiting_for(double seconds) const;

    /// Seconds that the page's agent has not moved, as far as was looked.
    double age(std::uint64_t page) const;

private:
    struct seen {
        std::uint64_t moves = 0;
        double age = 0;
        bool again = false;  // in the look before too, with the same moves
        bool waits = false;
    };
    std::map<std::uint64_t, seen> pages_;
    look_time last_;
    bool looked_ = false;
};

}  // namespace interlock::live
