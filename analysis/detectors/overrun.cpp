// From `overrun` records: the recorder's primitives measure how long they are held; `sequence` is that in microseconds.
#include "analysis/detectors/misuse.hpp"

namespace interlock::detectors {

std::optional<draft> spinlock_held_long(const trace::event& e, format::object_type type) {
    if (e.kind != format::event_kind::overrun) return std::nullopt;
    if (type != format::object_type::spinlock && type != format::object_type::ticket_lock) return std::nullopt;
    draft made = observed(findings::kind::spinlock_held_long, e);
    made.reasons.front() = {.what = fact::held_for, .object = e.sequence};
    set_place(made, e);
    return made;
}

}  // namespace interlock::detectors
