#include "analysis/activity.hpp"

#include <algorithm>
#include <utility>

namespace interlock::analysis {

using format::event_kind;
namespace lock_flags = format::lock_flags;

void activity::raise_limit(std::size_t limit) {
    marks_.raise_limit(limit);
    ends_.raise_limit(limit);
}

void activity::take(const trace::event& e) {
    if (take_lock(e) || take_signal(e)) return;
    switch (e.kind) {
        case event_kind::join_request: begin_wait(e, waiting_for::end_of_agent); return;
        case event_kind::agent_join: end_wait(e, waiting_for::end_of_agent, wait_end::granted); return;
        case event_kind::join_timed_out: end_wait(e, waiting_for::end_of_agent, wait_end::gave_up); return;
        case event_kind::agent_exit: ends_[number(e.agent)] = {e.agent, e.ticks, {}}; return;
        case event_kind::loss:
        case event_kind::level_change: lose(e.agent); return;
        default: return;  // reason: the other kinds neither hold nor wait
    }
}

bool activity::take_lock(const trace::event& e) {
    switch (e.kind) {
        case event_kind::request: begin_wait(e, waiting_for::lock); return true;
        case event_kind::acquire: acquire(e); return true;
        case event_kind::release: release(e.agent, e); return true;
        case event_kind::release_by_non_holder:
            if ((e.flags & lock_flags::succeeded) != 0) release(format::agent_id{e.sequence}, e);
            return true;
        case event_kind::held: restore(e); return true;
        case event_kind::timed_out: end_wait(e, waiting_for::lock, wait_end::gave_up); return true;
        case event_kind::refused: end_wait(e, waiting_for::lock, wait_end::refused); return true;
        default: return false;  // reason: not about locks
    }
}

/// Conditions, semaphores and whatever else is waited for without being held.
bool activity::take_signal(const trace::event& e) {
    switch (e.kind) {
        case event_kind::condition_wait: begin_wait(e, waiting_for::condition); return true;
        case event_kind::condition_wake: end_wait(e, waiting_for::condition, wait_end::granted); return true;
        case event_kind::condition_timed_out: end_wait(e, waiting_for::condition, wait_end::gave_up); return true;
        case event_kind::semaphore_request: begin_wait(e, waiting_for::semaphore); return true;
        case event_kind::semaphore_acquire: end_wait(e, waiting_for::semaphore, wait_end::granted); return true;
        case event_kind::semaphore_timed_out: end_wait(e, waiting_for::semaphore, wait_end::gave_up); return true;
        case event_kind::barrier_arrive:
            mark(e);
            begin_wait(e, waiting_for::barrier);
            return true;
        case event_kind::barrier_complete: end_wait(e, waiting_for::barrier, wait_end::granted); return true;
        case event_kind::latch_wait: begin_wait(e, waiting_for::latch); return true;
        case event_kind::latch_pass: end_wait(e, waiting_for::latch, wait_end::granted); return true;
        case event_kind::once_wait: begin_wait(e, waiting_for::once); return true;
        case event_kind::once_pass: end_wait(e, waiting_for::once, wait_end::granted); return true;
        case event_kind::event_wait: begin_wait(e, waiting_for::event); return true;
        case event_kind::event_pass: end_wait(e, waiting_for::event, wait_end::granted); return true;
        case event_kind::future_wait: begin_wait(e, waiting_for::future); return true;
        case event_kind::future_get: end_wait(e, waiting_for::future, wait_end::granted); return true;
        case event_kind::queue_wait: begin_wait(e, waiting_for::queue); return true;
        case event_kind::queue_put:
        case event_kind::queue_get:
            end_wait(e, waiting_for::queue, wait_end::granted);
            mark(e);
            return true;
        case event_kind::notify_one:
        case event_kind::notify_all:
        case event_kind::semaphore_post:
        case event_kind::latch_count_down:
        case event_kind::barrier_drop:
        case event_kind::once_done:
        case event_kind::event_set:
        case event_kind::future_set:
        case event_kind::future_abandon: mark(e); return true;
        default: return false;  // reason: nobody waits for the others
    }
}

void activity::begin_wait(const trace::event& e, waiting_for what) {
    agent_state& who = agents_[e.agent];
    who.waits = e.ticks != 0;
    const bool has_stack = e.kind == event_kind::request || e.kind == event_kind::semaphore_request;
    who.wait = {e.agent, what, e.object,          e.flags, e.site,
                e.ticks, 0,    wait_end::unknown, {},      format::stack_id{has_stack ? e.sequence : 0}};
}

void activity::end_wait(const trace::event& e, waiting_for what, wait_end how) {
    agent_state& who = agents_[e.agent];
    if (!who.waits) return;
    who.waits = false;
    // Another operation than that which ends it: how it ended is not in the log.
    if (who.wait.what != what || who.wait.object != e.object || e.ticks < who.wait.begin) return;
    who.wait.end = e.ticks;
    who.wait.how = how;
    const release_mark* freed = what == waiting_for::end_of_agent ? ends_.find(e.object) : marks_.find(e.object);
    // What was released before the wait began did not end it.
    if (how == wait_end::granted && freed != nullptr && freed->agent != e.agent && freed->ticks >= who.wait.begin &&
        freed->ticks <= e.ticks)
        who.wait.freed_by = *freed;
    if (tell_.waited) tell_.waited(who.wait);
}

activity::open_hold* activity::find(agent_state& who, std::uint32_t object) noexcept {
    const auto at = std::find_if(who.holds.rbegin(), who.holds.rend(),
                                 [&](const open_hold& one) { return number(one.span.object) == object; });
    return at == who.holds.rend() ? nullptr : &*at;
}

std::uint32_t activity::free_lane(const agent_state& who) {
    std::uint32_t lane = 0;
    while (std::any_of(who.holds.begin(), who.holds.end(), [&](const open_hold& one) { return one.span.lane == lane; }))
        ++lane;
    return lane;
}

void activity::acquire(const trace::event& e) {
    agent_state& who = agents_[e.agent];
    const bool waited = who.waits && who.wait.what == waiting_for::lock && who.wait.object == e.object;
    end_wait(e, waiting_for::lock, wait_end::granted);
    if (tell_.acquired) tell_.acquired({e.agent, format::object_id{e.object}, e.flags});
    if (open_hold* again = find(who, e.object); again != nullptr) {
        if ((e.flags & lock_flags::reentrant) != 0) {
            ++again->depth;
            return;
        }
        who.holds.erase(who.holds.begin() + (again - who.holds.data()));  // its release is missing
    }
    open_hold made;
    if ((e.flags & lock_flags::by_condition) != 0) made.depth = std::exchange(who.depth_before_wait, 1);
    made.span = {e.agent, format::object_id{e.object}, e.flags, e.site, e.ticks, 0, free_lane(who), waited, {}};
    if (waited) made.span.freed_by = who.wait.freed_by;
    who.holds.push_back(made);
}

void activity::release(format::agent_id agent, const trace::event& e) {
    agent_state& who = agents_[agent];
    open_hold* hold = find(who, e.object);
    if (hold == nullptr) {
        marks_[e.object] = {e.agent, e.ticks, {}};
        return;
    }
    // A condition's wait releases a recursive mutex whole, and acquires it so again.
    if ((e.flags & lock_flags::by_condition) != 0 && e.kind == event_kind::release)
        who.depth_before_wait = std::exchange(hold->depth, 1);
    if (--hold->depth != 0) return;
    hold->span.end = e.ticks;
    marks_[e.object] = {e.agent, e.ticks, hold->span.site};
    if (tell_.held) tell_.held(hold->span);
    who.holds.erase(who.holds.begin() + (hold - who.holds.data()));
}

/// What is held where events before are missing.
void activity::restore(const trace::event& e) {
    agent_state& who = agents_[e.agent];
    if (find(who, e.object) != nullptr) return;
    open_hold made;
    made.span = {e.agent, format::object_id{e.object}, e.flags, e.site, 0, 0, free_lane(who), false, {}};
    made.depth = std::max(e.sequence, 1U);
    who.holds.push_back(made);
}

/// Events of the agent are missing: what it held or waited for may have ended meanwhile.
void activity::lose(format::agent_id agent) { agents_[agent] = {}; }

void activity::finish() {
    for (auto& [agent, who] : agents_) {
        if (tell_.held)
            for (const open_hold& one : who.holds) tell_.held(one.span);
        if (who.waits && tell_.waited) tell_.waited(who.wait);
    }
    agents_.clear();
}

}  // namespace interlock::analysis
