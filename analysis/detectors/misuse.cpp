// What the detectors of misuse have in common.
#include "analysis/detectors/misuse.hpp"

#include "instrument/format/payload.hpp"

namespace interlock::detectors {

draft observed(findings::kind kind, const trace::event& e) {
    draft made;
    made.kind = kind;
    made.verdict = findings::verdict::observed;
    made.reasons.push_back({.what = fact::happened});
    made.lock = graph::lock_of(format::object_id{e.object});
    made.agent = e.agent;
    made.site = e.site;
    return made;
}

void set_place(draft& made, const trace::event& e) {
    made.site = e.site;
    if (!e.more.empty()) made.stack = format::decode_access(e.more[0]).stack;
}

void lower_misuse(draft& made, const damage& lost) {
    using findings::kind;
    // Who released what nobody held may have acquired it where the log has a gap; a hold that no dependency record states may
    // have been released there, a signal blocked there. The other records stand by themselves.
    const bool by_holds = made.kind == kind::self_deadlock && made.reasons.front().what != fact::refused &&
                          (made.verdict == findings::verdict::potential ||
                           (!made.sides.empty() && made.sides.front().wanted_stack == format::stack_id::none));
    const bool overturned =
        lost.ill_formed || (lost.order_lost && by_holds) ||
        (lost.acquisitions_lost && (made.kind == kind::unlock_not_held || made.kind == kind::unlock_wrong_mode));
    if (!overturned || made.verdict > findings::verdict::potential) return;
    made.verdict = findings::verdict::unverifiable;
    made.reasons.insert(made.reasons.begin(),
                        {lost.ill_formed ? fact::ill_formed : fact::events_lost, 0, 0, {}, {}, {}, 0});
}

}  // namespace interlock::detectors
