// The first value seen is the initial one: the recorder writes it where the semaphore is initialised.
#include "analysis/detectors/semaphore_locks.hpp"

namespace interlock::detectors {

using format::event_kind;

void semaphore_locks::see(const trace::event& e, const held_now& held, bool full) {
    if (e.kind == event_kind::semaphore_value) {
        knowledge& k = known_[e.object];
        if (!k.value_seen) k.starts_at_one = e.sequence == 1;
        k.value_seen = true;
    } else if (e.kind == event_kind::semaphore_acquire) {
        ++known_[e.object].acquisitions;
    } else if (e.kind == event_kind::release_by_non_holder) {
        const auto it = known_.find(e.object);
        if (it != known_.end()) it->second.released_by_others = true;
    } else if (e.kind == event_kind::semaphore_post && full) {
        if (held.find(e.agent, format::object_id{e.object}) == nullptr) known_[e.object].released_by_others = true;
    }
}

std::uint64_t semaphore_locks::acquisitions() const {
    std::uint64_t all = 0;
    for (const auto& [semaphore, k] : known_)
        if (k.is_lock()) all += k.acquisitions;
    return all;
}

}  // namespace interlock::detectors
