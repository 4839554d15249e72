// What our primitives see of their own misuse: each such record is a finding as it stands.
#include "analysis/detectors/misuse.hpp"

namespace interlock::detectors {

using format::event_kind;

namespace {

std::optional<findings::kind> kind_of(event_kind what) {
    switch (what) {
        case event_kind::broken_promise: return findings::kind::broken_promise;
        case event_kind::pool_exhausted: return findings::kind::pool_exhausted;
        case event_kind::handler_overran: return findings::kind::handler_overrun;
        case event_kind::suspend_holding: return findings::kind::suspend_while_holding;
        default: return std::nullopt;  // reason: the others are no such record
    }
}

}  // namespace

std::optional<draft> misuse_of_primitive(const trace::event& e) {
    const auto kind = kind_of(e.kind);
    if (!kind) return std::nullopt;
    draft made;
    made.kind = *kind;
    const bool gives_up = e.kind == event_kind::pool_exhausted && (e.flags & format::lock_flags::timed) != 0;
    made.verdict = gives_up ? findings::verdict::escapable : findings::verdict::observed;
    made.lock = graph::lock_of(format::object_id{e.object});
    made.reasons.push_back(
        {.what = gives_up ? fact::gives_up : fact::happened, .lock = made.lock, .object = e.sequence});
    made.agent = e.agent;
    set_place(made, e);
    return made;
}

}  // namespace interlock::detectors
