// What is not certain counts as "may be over": the price of that is a stall not told, never one told wrongly.
#include "analysis/detectors/wake_book.hpp"

#include <algorithm>

namespace interlock::detectors {

using format::agent_id;
using format::event_kind;
using format::object_id;

void wake_book::see_condition(const trace::event& e, knowledge& of) {
    switch (e.kind) {
        case event_kind::condition_wait:
            of.waiting.insert(e.agent);
            of.woken.erase(e.agent);
            break;
        case event_kind::condition_wake:
            of.waiting.erase(e.agent);
            if (of.woken.erase(e.agent) == 0 && of.wakes_left != 0) --of.wakes_left;
            break;
        case event_kind::condition_timed_out:
            of.waiting.erase(e.agent);
            of.woken.erase(e.agent);
            break;
        case event_kind::notify_one:
            of.unheard = of.unheard || of.waiting.empty();
            signal(e, of);
            of.wakes_left = std::min<std::uint64_t>(of.wakes_left + 1, of.waiting.size());
            break;
        case event_kind::notify_all:
            of.unheard = of.unheard || of.waiting.empty();
            signal(e, of);
            of.woken = of.waiting;
            break;
        default: break;  // reason: called for conditions
    }
}

void wake_book::give_back(agent_id agent, knowledge& of) {
    const auto it = of.permits.find(agent);
    if (it == of.permits.end())
        of.permits_come_back = false;
    else if (--it->second.count == 0)
        of.permits.erase(it);
}

void wake_book::see_barrier(const trace::event& e, knowledge& barrier) {
    switch (e.kind) {
        case event_kind::barrier_register: barrier.parties = e.sequence; break;
        case event_kind::barrier_drop:
            if (barrier.parties != 0) --barrier.parties;
            barrier.woken = barrier.waiting;
            break;
        case event_kind::barrier_arrive:
            signal(e, barrier);
            barrier.waiting.insert(e.agent);
            barrier.woken.erase(e.agent);
            if (++barrier.arrived < barrier.parties) break;
            barrier.arrived = 0;
            barrier.woken = barrier.waiting;
            break;
        default:  // completed
            barrier.waiting.erase(e.agent);
            barrier.woken.erase(e.agent);
    }
}

void wake_book::see(const trace::event& e) {
    const auto of = [&]() -> knowledge& { return objects_[e.object]; };
    switch (e.kind) {
        case event_kind::condition_wait:
        case event_kind::condition_wake:
        case event_kind::condition_timed_out:
        case event_kind::notify_one:
        case event_kind::notify_all: see_condition(e, of()); break;
        case event_kind::semaphore_value:
            of().valued = true;
            of().value = e.sequence;
            break;
        case event_kind::semaphore_post:
            signal(e, of());
            ++of().value;
            give_back(e.agent, of());
            break;
        case event_kind::semaphore_acquire: {
            --of().value;
            permit& one = of().permits[e.agent];
            ++one.count;
            one.site = e.site;
            break;
        }
        case event_kind::barrier_register:
        case event_kind::barrier_drop:
        case event_kind::barrier_arrive:
        case event_kind::barrier_complete: see_barrier(e, of()); break;
        case event_kind::futex_wait:
        case event_kind::queue_wait:
        case event_kind::latch_wait:
        case event_kind::event_wait:
        case event_kind::future_wait:
            of().waiting.insert(e.agent);
            of().woken.erase(e.agent);
            break;
        case event_kind::latch_count_down:  // perhaps the last: how many it takes is not known
        case event_kind::future_set:
        case event_kind::future_abandon:
        case event_kind::event_set: of().happened = true; [[fallthrough]];
        case event_kind::futex_wake:
        case event_kind::queue_put:
        case event_kind::queue_get:
        case event_kind::queue_task_done:
        case event_kind::queue_shutdown:
            signal(e, of());
            of().woken = of().waiting;
            break;
        case event_kind::event_reset: of().happened = false; break;
        case event_kind::held_at_exit: left_[e.object] = {e.agent, e.flags, e.site}; break;
        case event_kind::left_locked: left_[e.object] = {agent_id::none, e.flags, e.site}; break;
        case event_kind::acquire:
        case event_kind::release:
        case event_kind::owner_died:
        case event_kind::release_by_non_holder:
        case event_kind::lock_destroy:
            if (!left_.empty()) left_.erase(e.object);
            break;
        case event_kind::lock_init: objects_.erase(e.object); break;
        default: break;  // reason: the rest wakes nobody
    }
}

bool wake_book::may_be_over(agent_id agent, object_id object, event_kind operation) const {
    const auto it = objects_.find(number(object));
    if (it == objects_.end()) return true;
    const knowledge& of = it->second;
    switch (operation) {
        case event_kind::semaphore_request: return !of.valued || of.value > 0;
        case event_kind::barrier_arrive:
            return of.parties == 0 || !of.waiting.contains(agent) || of.woken.contains(agent);
        case event_kind::condition_wait:
        case event_kind::futex_wait:
        case event_kind::queue_wait:
        case event_kind::latch_wait:
        case event_kind::event_wait:
        case event_kind::future_wait:
            return of.happened || of.wakes_left != 0 || !of.waiting.contains(agent) || of.woken.contains(agent);
        default: return true;  // reason: not known what ends it
    }
}

std::vector<wake_book::signaller> wake_book::signallers(object_id object) const {
    std::vector<signaller> made;
    if (const auto it = objects_.find(number(object)); it != objects_.end())
        for (const auto& [agent, site] : it->second.signallers) made.push_back({agent, site});
    return made;
}

bool wake_book::notified_unheard(object_id condition) const {
    const auto it = objects_.find(number(condition));
    return it != objects_.end() && it->second.unheard;
}

std::vector<wake_book::signaller> wake_book::permit_holders(object_id semaphore) const {
    std::vector<signaller> made;
    const auto it = objects_.find(number(semaphore));
    if (it == objects_.end() || !it->second.permits_come_back) return made;
    for (const auto& [agent, held] : it->second.permits) made.push_back({agent, held.site});
    return made;
}

std::optional<leaver> wake_book::left_by(object_id lock) const {
    const auto it = left_.find(number(lock));
    return it == left_.end() ? std::nullopt : std::optional(it->second);
}

wake_book::phase wake_book::phase_of(object_id barrier) const {
    const auto it = objects_.find(number(barrier));
    return it == objects_.end() ? phase{} : phase{it->second.parties, it->second.arrived};
}

}  // namespace interlock::detectors
