// Two misuses of condition variables. A wait that trusts its wake-up: made to return at once (INTERLOCK_OPTIONS=spurious_wakeups=1), its mutex never
// released, its predicate can hold no more than before; who then releases the mutex without waiting again did not look. And waits of
// one condition with two mutexes at one time, which POSIX leaves undefined.
#pragma once

#include <map>
#include <set>

#include "analysis/detectors/draft.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Thread-bound. Needs the events of level full.
class condition_waits {
public:
    void see(const trace::event& e);
    const std::vector<draft>& drafts() const noexcept { return drafts_; }

private:
    struct trusted {
        format::object_id condition;
        format::object_id mutex;
        draft made;
    };
    struct sleepers {
        format::object_id mutex;
        std::uint32_t count = 0;  // of waits that nothing has ended or may have ended
    };

    void see_wait(const trace::event& e);
    void see_release(const trace::event& e);

    std::map<format::agent_id, trusted> woken_;
    std::map<std::uint32_t, sleepers> sleeping_;  // by condition
    std::set<std::uint32_t> told_;                // conditions of two mutexes
    std::vector<draft> drafts_;
};

}  // namespace interlock::detectors
