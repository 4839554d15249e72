// From `overrun` records: the recorder's primitives measure how long they are held; `sequence` is that in microseconds.
#include "analysis/detectors/misuse.hpp"

namespace interlock::detectors {

std::optional<draft> spinlock_held_long(const trace::event& e, format::object_type type) {
    if (e.kind != format::event_kind::overrun) return std::nullopt;
    if (type != format::object_type::spinlock && type != format::object_type::ticket_lock) return std::nullopt;
    draft made;
    made.kind = findings::kind::spinlock_held_long;
    made.verdict = findings::verdict::observed;
    made.reasons.push_back({.what = fact::held_for, .object = e.sequence});
    made.lock = graph::lock_of(format::object_id{e.object});
    made.agent = e.agent;
    set_place(made, e);
    return made;
}

}  // namespace interlock::detectors
