// A lock acquired in a signal handler and held outside of one where that signal is open, which is where it would bring that very handler: the
// handler can interrupt the holder and wait for what only the interrupted code can release (lockdep's interrupt rule).
#pragma once

#include <cstdint>
#include <set>
#include <unordered_map>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Thread-bound. Memory: a few entries a lock, and each set of open signals once.
class signal_lock {
public:
    void see(const trace::event& e);
    /// A request as a dependency knows it, for logs that have no acquisitions.
    void see_request(format::agent_id agent, format::object_id lock, std::uint8_t flags, format::stack_id stack,
                     format::site_id site);
    void see_hold(format::agent_id agent, format::object_id lock, std::uint8_t flags, format::stack_id stack);

    std::vector<draft> drafts() const;

private:
    /// A signal and the number of the handler that it brings.
    struct delivery {
        std::uint32_t signal = 0;  // 0: not known
        std::uint32_t handler = 0;

        auto operator<=>(const delivery&) const = default;
    };
    using open_set = std::vector<delivery>;  // sorted

    struct acquisition {
        format::agent_id agent{};
        std::uint8_t flags = 0;
        const open_set* open = nullptr;  // outside of handlers
        delivery in;                     // inside of one
        format::stack_id stack{};
        format::site_id site{};
    };
    struct agent_signals {
        open_set open;
        const open_set* kept = nullptr;  // the same among open_sets_; nullptr: not looked for since it changed
        std::vector<delivery> handling;
    };
    struct uses {
        std::vector<acquisition> inside;   // one for each (delivery, mode)
        std::vector<acquisition> outside;  // by mode, none with less open than another
    };

    static void change(agent_signals& of, delivery opened);
    const open_set* kept(agent_signals& of);
    void add_inside(format::object_id lock, const acquisition& what);
    void add_outside(format::object_id lock, const acquisition& what);
    static bool can_meet(const acquisition& inside, const acquisition& outside) noexcept;
    static const acquisition* first_met(const acquisition& inside, const std::vector<acquisition>& outside) noexcept;

    std::set<open_set> open_sets_;
    std::unordered_map<std::uint32_t, agent_signals> agents_;
    std::unordered_map<std::uint32_t, uses> locks_;
    std::set<std::uint32_t> in_handlers_;  // locks that a handler acquired: few
};

}  // namespace interlock::detectors
