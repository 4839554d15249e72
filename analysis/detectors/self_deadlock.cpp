// The dependency record, written before the request, brings the stacks; what follows tells how it went. A lock that lets its
// holder in after all (its type was not known) is forgotten again.
#include "analysis/detectors/self_deadlock.hpp"

#include <algorithm>
#include <cerrno>

namespace interlock::detectors {

using format::event_kind;
namespace lock_flags = format::lock_flags;

self_deadlock::candidate& self_deadlock::at(const trace::event& e) {
    const auto [it, fresh] = candidates_.try_emplace(key{e.agent, e.object});
    candidate& c = it->second;
    if (fresh) {
        c.order = ++seen_;
        c.edge.agent = e.agent;
        c.edge.held = c.edge.wanted = graph::lock_of(format::object_id{e.object});
        c.edge.wanted_flags = e.flags;
    }
    if (c.edge.wanted_site == format::site_id::none) c.edge.wanted_site = e.site;
    return c;
}

void self_deadlock::see(const graph::dependency& d, const graph::held_paths& paths) {
    if (d.wanted.termination || (d.flags & (lock_flags::reentrant | lock_flags::attempt)) != 0) return;
    for (graph::path_id step = d.held; step != graph::path_id::empty; step = paths.parent(step)) {
        const graph::hold& h = paths.innermost(step);
        if (h.what != d.wanted) continue;
        const auto [it, fresh] = candidates_.try_emplace(key{d.agent, d.wanted.id});
        candidate& c = it->second;
        if (fresh) c.order = ++seen_;
        c.edge = {d.agent, h.what, d.wanted, h.flags, d.flags, {}, h.stack, d.stack, d.site, h.approximate};
        return;
    }
}

void self_deadlock::see(const trace::event& e, const held_now& held) {
    const format::object_id object{e.object};
    switch (e.kind) {
        case event_kind::request:
        case event_kind::upgrade_request: {
            if ((e.flags & (lock_flags::reentrant | lock_flags::attempt)) != 0) return;
            const holding* own = held.find(e.agent, object);
            const bool upgrades = e.kind == event_kind::upgrade_request;
            if (own == nullptr && !upgrades && !candidates_.contains(key{e.agent, e.object})) return;
            candidate& c = at(e);
            if (own != nullptr) {
                c.edge.held_flags = own->flags;
                c.edge.held_site = own->site;
            }
            if (upgrades) {
                c.edge.held_flags |= lock_flags::shared;
                if (e.sequence != 0) c.edge.wanted_stack = format::stack_id{e.sequence};
            }
            // An upgrade waits for the others that share the lock, not for its own share; where that is otherwise a request follows.
            c.waits = !upgrades;
            return;
        }
        case event_kind::refused: {
            if (e.sequence != EDEADLK) return;
            candidate& c = at(e);
            c.waits = false;
            c.refused = true;
            ++c.refusals;
            return;
        }
        case event_kind::timed_out: {
            const auto it = candidates_.find(key{e.agent, e.object});
            if (it == candidates_.end()) return;
            it->second.waits = false;
            it->second.gave_up = true;
            return;
        }
        case event_kind::acquire: {
            if (candidates_.empty()) return;
            const auto it = candidates_.find(key{e.agent, e.object});
            if (it == candidates_.end()) return;
            it->second.waits = false;
            if (!it->second.refused && !it->second.gave_up) candidates_.erase(it);
            return;
        }
        default: return;  // reason: the other kinds say nothing about a request of one's own lock
    }
}

std::vector<draft> self_deadlock::drafts() const {
    std::vector<const candidate*> ordered;
    for (const auto& [k, c] : candidates_) {
        if (c.refused || c.waits || c.gave_up) ordered.push_back(&c);
    }
    std::sort(ordered.begin(), ordered.end(),
              [](const candidate* a, const candidate* b) { return a->order < b->order; });
    std::vector<draft> all;
    for (const candidate* c : ordered) {
        const bool timed = !c->refused && (c->gave_up || (c->edge.wanted_flags & lock_flags::timed) != 0);
        draft made;
        made.kind = findings::kind::self_deadlock;
        made.verdict = timed ? findings::verdict::escapable : findings::verdict::observed;
        made.reasons.push_back({.what = timed ? fact::gives_up : c->refused ? fact::refused : fact::happened});
        made.sides.push_back(c->edge);
        made.lock = c->edge.wanted;
        made.agent = c->edge.agent;
        made.occurrences = std::max<std::uint64_t>(1, c->refusals);
        all.push_back(std::move(made));
    }
    return all;
}

}  // namespace interlock::detectors
