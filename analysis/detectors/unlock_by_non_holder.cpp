// From `release_by_non_holder` records: `sequence` is who holds the lock, 0 for nobody.
#include "analysis/detectors/misuse.hpp"
#include "instrument/format/payload.hpp"

namespace interlock::detectors {

std::optional<draft> unlock_by_non_holder(const trace::event& e, format::object_type type) {
    if (e.kind != format::event_kind::release_by_non_holder || type == format::object_type::semaphore)
        return std::nullopt;
    draft made = observed(e.sequence == 0 ? findings::kind::unlock_not_held : findings::kind::unlock_not_owner, e);
    made.holder = format::agent_id{e.sequence};
    set_place(made, e);
    if (!e.more.empty()) made.held_stack = format::decode_held(e.more[0]).acquired_at;
    return made;
}

}  // namespace interlock::detectors
