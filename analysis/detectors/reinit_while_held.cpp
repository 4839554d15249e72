// From `reinit_while_held` records: `sequence` is who holds the lock.
#include "analysis/detectors/misuse.hpp"

namespace interlock::detectors {

std::optional<draft> reinit_while_held(const trace::event& e) {
    if (e.kind != format::event_kind::reinit_while_held) return std::nullopt;
    draft made;
    made.kind = findings::kind::reinit_while_held;
    made.verdict = findings::verdict::observed;
    made.reasons.push_back({.what = fact::happened});
    made.lock = graph::lock_of(format::object_id{e.object});
    made.agent = e.agent;
    made.holder = format::agent_id{e.sequence};
    set_place(made, e);
    return made;
}

}  // namespace interlock::detectors
