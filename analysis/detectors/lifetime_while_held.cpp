// From `destroy_while_held` and `reinit_while_held` records: `sequence` is who holds the lock.
// A semaphore has no owner: whoever took its permit has not promised to post it, and it may go once nobody waits.
#include "analysis/detectors/misuse.hpp"
#include "instrument/format/payload.hpp"

namespace interlock::detectors {

std::optional<draft> lifetime_while_held(const trace::event& e, format::object_type type) {
    const bool destroyed = e.kind == format::event_kind::destroy_while_held;
    if (!destroyed && e.kind != format::event_kind::reinit_while_held) return std::nullopt;
    if (type == format::object_type::semaphore || (e.flags & format::lock_flags::over_fork) != 0) return std::nullopt;
    draft made = observed(destroyed ? findings::kind::destroy_while_held : findings::kind::reinit_while_held, e);
    made.holder = format::agent_id{e.sequence};
    set_place(made, e);
    if (!e.more.empty()) made.held_stack = format::decode_held(e.more[0]).acquired_at;
    return made;
}

}  // namespace interlock::detectors
