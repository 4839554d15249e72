// From `destroy_while_held` and `reinit_while_held` records: `sequence` is who holds the lock.
#include "analysis/detectors/misuse.hpp"

namespace interlock::detectors {

std::optional<draft> lifetime_while_held(const trace::event& e) {
    const bool destroyed = e.kind == format::event_kind::destroy_while_held;
    if (!destroyed && e.kind != format::event_kind::reinit_while_held) return std::nullopt;
    draft made = observed(destroyed ? findings::kind::destroy_while_held : findings::kind::reinit_while_held, e);
    made.holder = format::agent_id{e.sequence};
    set_place(made, e);
    return made;
}

}  // namespace interlock::detectors
