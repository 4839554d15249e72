// A lock acquired in a signal handler and, with that signal open, outside of one: the handler can interrupt the holder and wait
// for what only the interrupted code can release (lockdep's interrupt rule).
#pragma once

#include <cstdint>
#include <set>
#include <unordered_map>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Thread-bound. Memory: two entries a lock.
class signal_lock {
public:
    void see(const trace::event& e);
    /// A request as a dependency knows it, for logs that have no acquisitions.
    void see_request(format::agent_id agent, format::object_id lock, std::uint8_t flags, format::stack_id stack,
                     format::site_id site);
    void see_hold(format::agent_id agent, format::object_id lock, std::uint8_t flags, format::stack_id stack);

    std::vector<draft> drafts() const;

private:
    struct acquisition {
        format::agent_id agent{};
        std::uint8_t flags = 0;
        std::uint64_t blocked = 0;  // signals, bit n for signal n + 1
        std::uint32_t signal = 0;   // of the handler, 0: not known
        format::stack_id stack{};
        format::site_id site{};
    };
    struct agent_signals {
        std::uint64_t blocked = 0;
        std::vector<std::uint32_t> handling;
    };
    struct uses {
        std::vector<acquisition> inside;   // at most one for each (signal, mode)
        std::vector<acquisition> outside;  // at most one for each (blocked, mode)
    };

    void add(format::object_id lock, const acquisition& what, bool inside);
    static bool can_meet(const acquisition& inside, const acquisition& outside) noexcept;

    std::unordered_map<std::uint32_t, agent_signals> agents_;
    std::unordered_map<std::uint32_t, uses> locks_;
    std::set<std::uint32_t> in_handlers_;  // locks that a handler acquired: few
};

}  // namespace interlock::detectors
