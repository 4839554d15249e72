#include "analysis/detectors/spinlock_held_blocking.hpp"

#include "analysis/detectors/misuse.hpp"

namespace interlock::detectors {

using format::event_kind;
using format::object_type;
namespace lock_flags = format::lock_flags;

namespace {

bool spins(object_type type) noexcept { return type == object_type::spinlock || type == object_type::ticket_lock; }

bool blocks(const trace::event& e, const spinlock_held_blocking::type_of_object& type_of) {
    switch (e.kind) {
        case event_kind::request:
            return (e.flags & lock_flags::contended) != 0 && (e.flags & lock_flags::attempt) == 0 &&
                   !spins(type_of(format::object_id{e.object}));
        case event_kind::semaphore_request: return (e.flags & lock_flags::contended) != 0;
        case event_kind::join_request: return (e.flags & lock_flags::attempt) == 0;
        case event_kind::condition_wait:
        case event_kind::latch_wait:
        case event_kind::event_wait:
        case event_kind::future_wait:
        case event_kind::queue_wait: return true;
        default: return false;  // reason: no other kind is a wait
    }
}

}  // namespace

std::optional<draft> spinlock_held_blocking::see(const trace::event& e, const held_now& held,
                                                 const type_of_object& type_of) {
    const std::vector<holding>& holds = held.of(e.agent);
    if (holds.empty() || !blocks(e, type_of)) return std::nullopt;
    for (const holding& one : holds) {
        if (!spins(type_of(one.object)) || !told_.emplace(e.agent, one.object).second) continue;
        draft made = observed(findings::kind::spinlock_held_blocking, e);
        made.lock = graph::lock_of(one.object);
        if (const auto it = stacks_.find({e.agent, format::object_id{e.object}}); it != stacks_.end())
            made.stack = it->second;
        return made;
    }
    return std::nullopt;
}

}  // namespace interlock::detectors
