// From `release_by_non_holder` records: `sequence` is who holds the lock, 0 for nobody.
#include "analysis/detectors/misuse.hpp"

namespace interlock::detectors {

std::optional<draft> unlock_by_non_holder(const trace::event& e, format::object_type type) {
    if (e.kind != format::event_kind::release_by_non_holder || type == format::object_type::semaphore)
        return std::nullopt;
    draft made;
    made.kind = e.sequence == 0 ? findings::kind::unlock_not_held : findings::kind::unlock_not_owner;
    made.verdict = findings::verdict::observed;
    made.reasons.push_back({.what = fact::happened});
    made.lock = graph::lock_of(format::object_id{e.object});
    made.agent = e.agent;
    made.holder = format::agent_id{e.sequence};
    set_place(made, e);
    return made;
}

}  // namespace interlock::detectors
