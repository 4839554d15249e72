// From `release` records of level `full`, held against the acquisition that they end.
#include "analysis/detectors/unlock_wrong_mode.hpp"

#include "analysis/detectors/misuse.hpp"

namespace interlock::detectors {

std::optional<draft> unlock_wrong_mode(const trace::event& e, const held_now& held) {
    if (e.kind != format::event_kind::release) return std::nullopt;
    const holding* ended = held.find(e.agent, format::object_id{e.object});
    // An inner hold may have another mode than the outermost, which is the only one kept.
    if (ended == nullptr || ended->depth != 1 || graph::is_shared(ended->flags) == graph::is_shared(e.flags)) {
        return std::nullopt;
    }
    draft made = observed(findings::kind::unlock_wrong_mode, e);
    made.holder = e.agent;
    set_place(made, e);
    return made;
}

}  // namespace interlock::detectors
