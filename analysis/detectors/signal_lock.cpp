// A signal may be delivered to any thread that has it open, so the interrupted holder need not be the thread seen in the handler.
#include "analysis/detectors/signal_lock.hpp"

#include <algorithm>

#include "analysis/graph/held_paths.hpp"

namespace interlock::detectors {

using format::event_kind;
namespace lock_flags = format::lock_flags;

namespace {

/// Of one lock: so many sets of open signals of which none includes another.
constexpr std::size_t outside_max = 64;

constexpr std::uint32_t signals_max = 64;

bool are_alike(std::uint8_t one, std::uint8_t other) noexcept {
    return graph::is_shared(one) == graph::is_shared(other) &&
           ((one ^ other) & (lock_flags::attempt | lock_flags::timed)) == 0;
}

format::stack_id stack_of(const trace::event& e) noexcept {
    return format::stack_id{e.kind == event_kind::acquire_stack ? e.sequence : 0};
}

}  // namespace

void signal_lock::see(const trace::event& e) {
    switch (e.kind) {
        case event_kind::signal_enter: agents_[number(e.agent)].handling.push_back({e.sequence, e.object}); return;
        case event_kind::signal_exit: {
            std::vector<delivery>& handling = agents_[number(e.agent)].handling;
            if (!handling.empty()) handling.pop_back();
            return;
        }
        case event_kind::signal_open: change(agents_[number(e.agent)], {e.sequence, e.object}); return;
        case event_kind::held_open:
        case event_kind::acquire:
        case event_kind::acquire_bare:
        case event_kind::acquire_stack:
            if ((e.flags & lock_flags::reentrant) == 0)
                see_request(e.agent, format::object_id{e.object}, e.flags, stack_of(e), e.site);
            return;
        default: return;  // reason: no other kind is about signals
    }
}

/// `opened` with handler 0 has closed.
void signal_lock::change(agent_signals& of, delivery opened) {
    if (opened.signal == 0 || opened.signal > signals_max) return;
    std::erase_if(of.open, [&](const delivery& d) { return d.signal == opened.signal; });
    if (opened.handler != 0) of.open.insert(std::upper_bound(of.open.begin(), of.open.end(), opened), opened);
    of.kept = nullptr;
}

/// nullptr: nothing is open.
const signal_lock::open_set* signal_lock::kept(agent_signals& of) {
    if (of.kept == nullptr && !of.open.empty()) of.kept = &*open_sets_.insert(of.open).first;
    return of.kept;
}

void signal_lock::see_request(format::agent_id agent, format::object_id lock, std::uint8_t flags,
                              format::stack_id stack, format::site_id site) {
    const auto it = agents_.find(number(agent));
    if (it == agents_.end()) return;
    acquisition made{agent, flags, nullptr, {}, stack, site};
    if ((flags & lock_flags::in_signal) != 0) {
        if (!it->second.handling.empty()) made.in = it->second.handling.back();
        add_inside(lock, made);
    } else if ((made.open = kept(it->second)) != nullptr) {
        add_outside(lock, made);
    }
}

void signal_lock::see_hold(format::agent_id agent, format::object_id lock, std::uint8_t flags, format::stack_id stack) {
    if ((flags & lock_flags::in_signal) == 0) see_request(agent, lock, flags, stack, {});
}

void signal_lock::add_inside(format::object_id lock, const acquisition& what) {
    in_handlers_.insert(number(lock));
    std::vector<acquisition>& list = locks_[number(lock)].inside;
    const auto same = std::find_if(list.begin(), list.end(), [&](const acquisition& a) {
        return a.in == what.in && are_alike(a.flags, what.flags);
    });
    if (same == list.end())
        list.push_back(what);
    else if (same->stack == format::stack_id::none && what.stack != format::stack_id::none)
        *same = what;
}

void signal_lock::add_outside(format::object_id lock, const acquisition& what) {
    std::vector<acquisition>& list = locks_[number(lock)].outside;
    const auto covers = [](const acquisition& more, const acquisition& less) {
        return are_alike(more.flags, less.flags) &&
               (more.stack != format::stack_id::none || less.stack == format::stack_id::none) &&
               (more.open == less.open ||
                std::includes(more.open->begin(), more.open->end(), less.open->begin(), less.open->end()));
    };
    if (std::any_of(list.begin(), list.end(), [&](const acquisition& a) { return covers(a, what); })) return;
    std::erase_if(list, [&](const acquisition& a) { return covers(what, a); });
    if (list.size() < outside_max) list.push_back(what);
}

bool signal_lock::can_meet(const acquisition& inside, const acquisition& outside) noexcept {
    return (inside.flags & lock_flags::attempt) == 0 &&
           !(graph::is_shared(inside.flags) && graph::is_shared(outside.flags)) &&
           (inside.in.signal == 0 || std::binary_search(outside.open->begin(), outside.open->end(), inside.in));
}

/// One whose stack is known, if there is such a one. nullptr: the handler cannot meet any.
const signal_lock::acquisition* signal_lock::first_met(const acquisition& inside,
                                                       const std::vector<acquisition>& outside) noexcept {
    const acquisition* found = nullptr;
    for (const acquisition& a : outside) {
        if (!can_meet(inside, a)) continue;
        if (found == nullptr) found = &a;
        if (found->stack == format::stack_id::none && a.stack != format::stack_id::none) found = &a;
    }
    return found;
}

std::vector<draft> signal_lock::drafts() const {
    std::vector<draft> all;
    for (const std::uint32_t lock : in_handlers_) {
        const uses& u = locks_.at(lock);
        const acquisition* handler = nullptr;
        const acquisition* holder = nullptr;
        for (const acquisition& in : u.inside) {
            const acquisition* const out = first_met(in, u.outside);
            if (out == nullptr) continue;
            // Without a time-out is the stronger.
            if (handler == nullptr || (handler->flags & lock_flags::timed) > (in.flags & lock_flags::timed)) {
                handler = &in;
                holder = out;
            }
        }
        if (handler == nullptr) continue;
        const bool timed = (handler->flags & lock_flags::timed) != 0;
        const graph::resource what = graph::lock_of(format::object_id{lock});
        draft made;
        made.kind = findings::kind::self_deadlock;
        made.verdict = timed ? findings::verdict::escapable : findings::verdict::potential;
        if (timed) made.reasons.push_back({.what = fact::gives_up, .lock = what});
        made.reasons.push_back({.what = fact::in_handler, .lock = what, .object = handler->in.signal});
        made.sides.push_back({holder->agent,
                              what,
                              what,
                              holder->flags,
                              handler->flags,
                              {},
                              holder->stack,
                              handler->stack,
                              handler->site,
                              false,
                              holder->site});
        made.lock = what;
        made.agent = holder->agent;
        all.push_back(std::move(made));
    }
    return all;
}

}  // namespace interlock::detectors
