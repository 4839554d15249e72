// Which semaphores are locks: those that start at one and are never released by who does not hold the permit. The edges of all
// others are left out of the lock-order graph.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "analysis/detectors/held_now.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Thread-bound.
class semaphore_locks {
public:
    /// Precondition: `held` is the state before `e`; `full`: every acquisition so far was recorded.
    void see(const trace::event& e, const held_now& held, bool full);

    /// For objects of type semaphore. What is not known to start at one is no lock.
    bool is_lock(format::object_id semaphore) const {
        const auto it = known_.find(number(semaphore));
        return it != known_.end() && it->second.is_lock();
    }
    /// Of all that are locks so far.
    std::uint64_t acquisitions() const;

private:
    struct knowledge {
        bool value_seen = false;
        bool starts_at_one = false;
        bool released_by_others = false;
        std::uint64_t acquisitions = 0;
        bool is_lock() const noexcept { return starts_at_one && !released_by_others; }
    };
    std::unordered_map<std::uint32_t, knowledge> known_;
};

}  // namespace interlock::detectors
