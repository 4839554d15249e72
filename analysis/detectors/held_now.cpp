// Holds end by release, by a foreign release that succeeded, and with the agent.
#include "analysis/detectors/held_now.hpp"

#include <algorithm>

namespace interlock::detectors {

using format::event_kind;
using format::object_id;
namespace lock_flags = format::lock_flags;

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
        case event_kind::owner_died: owner_.erase(e.object); return;
        case event_kind::release_by_non_holder:
            if ((e.flags & lock_flags::succeeded) != 0) release(format::agent_id{e.sequence}, object);
            return;
        case event_kind::agent_exit: return forget(e.agent);
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
    const auto [owner, fresh] = owner_.try_emplace(e.object, e.agent);
    if (!fresh && owner->second != e.agent) {
        contradicted_.insert(e.object);
        owner->second = e.agent;
    }
}

void held_now::release(format::agent_id agent, object_id object) {
    const auto of = holds_.find(number(agent));
    if (of == holds_.end()) return;
    std::vector<holding>& holds = of->second;
    const auto it = std::find_if(holds.rbegin(), holds.rend(), [&](const holding& h) { return h.object == object; });
    if (it == holds.rend()) return;
    if (--it->depth != 0) return;
    holds.erase(std::next(it).base());
    const auto owner = owner_.find(number(object));
    if (owner != owner_.end() && owner->second == agent) owner_.erase(owner);
}

void held_now::forget(format::agent_id agent) {
    const auto of = holds_.find(number(agent));
    if (of == holds_.end()) return;
    for (const holding& h : of->second) {
        const auto owner = owner_.find(number(h.object));
        if (owner != owner_.end() && owner->second == agent) owner_.erase(owner);
    }
    holds_.erase(of);
}

const std::vector<holding>& held_now::of(format::agent_id agent) const noexcept {
    static const std::vector<holding> nothing;
    const auto it = holds_.find(number(agent));
    return it == holds_.end() ? nothing : it->second;
}

const holding* held_now::find(format::agent_id agent, object_id object) const noexcept {
    const std::vector<holding>& holds = of(agent);
    const auto it = std::find_if(holds.rbegin(), holds.rend(), [&](const holding& h) { return h.object == object; });
    return it == holds.rend() ? nullptr : &*it;
}

}  // namespace interlock::detectors
