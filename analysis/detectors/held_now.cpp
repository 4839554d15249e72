// Holds end by release, by a foreign release that succeeded, and with the agent; where releases are no longer recorded, nothing
// more is known.
#include "analysis/detectors/held_now.hpp"

#include <algorithm>

namespace interlock::detectors {

using format::event_kind;
using format::object_id;
namespace lock_flags = format::lock_flags;

void held_now::raise_limit(std::size_t limit) {
    holds_.raise_limit(limit);
    owner_.raise_limit(limit);
}

void held_now::apply(const trace::event& e) {
    const object_id object{e.object};
    switch (e.kind) {
        case event_kind::acquire:
        case event_kind::held: return acquire(e, e.flags);
        case event_kind::semaphore_acquire:
        case event_kind::once_begin: return acquire(e, 0);
        case event_kind::release:
        case event_kind::semaphore_post:
        case event_kind::once_done:
        case event_kind::once_abort: return release(e.agent, object);
        case event_kind::owner_died: owner_[e.object] = format::agent_id::none; return;
        case event_kind::release_by_non_holder:
            if ((e.flags & lock_flags::succeeded) != 0) release(format::agent_id{e.sequence}, object);
            return;
        case event_kind::destroy_while_held:
        case event_kind::reinit_while_held: return end(format::agent_id{e.sequence}, object);
        case event_kind::agent_exit:
        case event_kind::level_change: return forget(e.agent);
        default: return;  // reason: the other kinds neither begin nor end a hold
    }
}

void held_now::acquire(const trace::event& e, std::uint8_t flags) {
    std::vector<holding>& holds = holds_[number(e.agent)];
    const auto it =
        std::find_if(holds.rbegin(), holds.rend(), [&](const holding& h) { return number(h.object) == e.object; });
    if (it != holds.rend()) {
        // `held` records only say what is held; they are no further acquisition.
        if (e.kind != event_kind::held) ++it->depth;
        return;
    }
    const std::uint32_t depth = e.kind == event_kind::held && e.sequence != 0 ? e.sequence : 1;
    holds.push_back({object_id{e.object}, flags, depth, e.site});
    if (graph::is_shared(flags) || e.kind == event_kind::semaphore_acquire) return;
    format::agent_id& owner = owner_[e.object];
    if (owner != format::agent_id::none && owner != e.agent) contradicted_.insert(e.object);
    owner = e.agent;
}

void held_now::release(format::agent_id agent, object_id object) {
    std::vector<holding>& holds = holds_[number(agent)];
    const auto it = std::find_if(holds.rbegin(), holds.rend(), [&](const holding& h) { return h.object == object; });
    if (it == holds.rend()) return;
    if (--it->depth != 0) return;
    holds.erase(std::next(it).base());
    format::agent_id& owner = owner_[number(object)];
    if (owner == agent) owner = format::agent_id::none;
}

void held_now::end(format::agent_id agent, object_id object) {
    std::erase_if(holds_[number(agent)], [&](const holding& h) { return h.object == object; });
    if (format::agent_id& owner = owner_[number(object)]; owner == agent) owner = format::agent_id::none;
}

void held_now::forget(format::agent_id agent) {
    for (const holding& h : holds_[number(agent)]) {
        format::agent_id& owner = owner_[number(h.object)];
        if (owner == agent) owner = format::agent_id::none;
    }
    holds_[number(agent)] = {};
}

const holding* held_now::find(format::agent_id agent, object_id object) const noexcept {
    const std::vector<holding>& holds = of(agent);
    const auto it = std::find_if(holds.rbegin(), holds.rend(), [&](const holding& h) { return h.object == object; });
    return it == holds.rend() ? nullptr : &*it;
}

}  // namespace interlock::detectors
