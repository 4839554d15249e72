// One failed try is remembered for each agent, until its next step with a lock.
#include "analysis/detectors/weak_tries.hpp"

namespace interlock::detectors {

using format::event_kind;
namespace lock_flags = format::lock_flags;

void weak_tries::see(const trace::event& e) {
    switch (e.kind) {
        case event_kind::try_failed:
        case event_kind::semaphore_try_failed: last_failure_[number(e.agent)] = {e.object, e.site}; return;
        case event_kind::dependency:
        case event_kind::request:
        case event_kind::acquire:
        case event_kind::semaphore_request:
        case event_kind::semaphore_acquire: {
            if (last_failure_.empty()) return;
            const auto it = last_failure_.find(number(e.agent));
            if (it == last_failure_.end()) return;
            if (it->second.object == e.object && (e.flags & (lock_flags::attempt | lock_flags::timed)) == 0) {
                pairs_[e.object].insert({it->second.site, e.site});
            }
            last_failure_.erase(it);
            return;
        }
        default: return;  // reason: the other kinds neither try nor request
    }
}

const std::set<weak_tries::pair>& weak_tries::of(format::object_id lock) const {
    static const std::set<pair> nothing;
    const auto it = pairs_.find(number(lock));
    return it == pairs_.end() ? nothing : it->second;
}

}  // namespace interlock::detectors
