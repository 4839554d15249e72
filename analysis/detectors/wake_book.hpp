// Who signals what, and who waits for it: conditions, semaphores, barriers, latches, futures, queues, bare futexes. Serves the search for
// threads that nobody can wake: it says whether a wait at the end of the log may be over already, and who ever signalled the object.
// Also which locks an agent left behind that is no more.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "analysis/detectors/held_now.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// How an agent that is gone came to leave a lock locked.
struct leaver {
    format::agent_id agent{};  // none: a thread of the parent process
    std::uint8_t flags = 0;
    format::site_id site{};  // of the acquisition, or none
};

/// Thread-bound. Cost: constant an event, and a number for each agent and object that signals or waits.
class wake_book {
public:
    void see(const trace::event& e);

    /// Whether the wait of `agent` for `object`, the last thing it did, may have been ended by what others did since. Meaningful in a
    /// log of level full, with the operation as the agent's state page tells it.
    bool may_be_over(format::agent_id agent, format::object_id object, format::event_kind operation) const;

    struct signaller {
        format::agent_id agent{};
        format::site_id site{};  // of the last time
    };
    /// Agents that did something which may wake who waits for `object`, by id.
    std::vector<signaller> signallers(format::object_id object) const;

    /// Whether a condition was ever notified when nobody waited for it.
    bool notified_unheard(format::object_id condition) const;

    /// Agents that took more permits of the semaphore than they gave back, by id, and where they took one last; none if others post it
    /// than those who took. Meaningful in a log of level full.
    std::vector<signaller> permit_holders(format::object_id semaphore) const;

    /// Whether left_by() has an answer for any lock; if not, acquisitions and releases of locks need not be seen.
    bool knows_left_locks() const noexcept { return !left_.empty(); }
    /// Of a lock that nobody can release any more; nothing otherwise.
    std::optional<leaver> left_by(format::object_id lock) const;

    /// Parties of a barrier and how many have arrived in this phase; 0 parties: not known.
    struct phase {
        std::uint32_t parties = 0;
        std::uint32_t arrived = 0;
    };
    phase phase_of(format::object_id barrier) const;

private:
    struct permit {
        std::uint32_t count = 0;
        format::site_id site{};
    };
    struct knowledge {
        std::map<format::agent_id, format::site_id> signallers;
        std::set<format::agent_id> waiting;  // conditions and futexes: have begun to, and no end is known
        std::set<format::agent_id> woken;    // of these: a wake for any one of them came since
        std::uint64_t wakes_left = 0;        // conditions: of one waiter each, not yet accounted for
        bool valued = false;                 // semaphores: the initial value is known
        std::int64_t value = 0;
        std::map<format::agent_id, permit> permits;  // taken and not given back
        bool permits_come_back = true;               // nobody posted who had not taken one
        std::uint32_t parties = 0;
        std::uint32_t arrived = 0;
        bool happened = false;  // futures, latches, events
        bool unheard = false;   // conditions: notified when nobody waited
    };

    void see_condition(const trace::event& e, knowledge& of);
    void see_barrier(const trace::event& e, knowledge& barrier);
    static void give_back(format::agent_id agent, knowledge& of);
    void signal(const trace::event& e, knowledge& of) { of.signallers[e.agent] = e.site; }

    std::unordered_map<std::uint32_t, knowledge> objects_;
    std::unordered_map<std::uint32_t, leaver> left_;  // by lock
};

}  // namespace interlock::detectors
