// A signal may be delivered to any thread that has it open, so the interrupted holder need not be the thread seen in the handler.
#include "analysis/detectors/signal_lock.hpp"

#include <algorithm>

#include "analysis/graph/held_paths.hpp"

namespace interlock::detectors {

using format::event_kind;
namespace lock_flags = format::lock_flags;

namespace {

constexpr std::size_t uses_max = 16;

constexpr std::uint64_t bit_of(std::uint32_t signal) noexcept {
    return signal == 0 || signal > 64 ? 0 : std::uint64_t{1} << (signal - 1);
}

}  // namespace

void signal_lock::see(const trace::event& e) {
    switch (e.kind) {
        case event_kind::signal_enter: agents_[number(e.agent)].handling.push_back(e.sequence); return;
        case event_kind::signal_exit: {
            std::vector<std::uint32_t>& handling = agents_[number(e.agent)].handling;
            if (!handling.empty()) handling.pop_back();
            return;
        }
        case event_kind::signal_mask: {
            std::uint64_t& blocked = agents_[number(e.agent)].blocked;
            blocked = e.flags != 0 ? blocked | bit_of(e.sequence) : blocked & ~bit_of(e.sequence);
            return;
        }
        case event_kind::acquire:
        case event_kind::acquire_bare:
            if ((e.flags & lock_flags::reentrant) == 0)
                see_request(e.agent, format::object_id{e.object}, e.flags, {}, e.site);
            return;
        default: return;  // reason: no other kind is about signals
    }
}

void signal_lock::see_request(format::agent_id agent, format::object_id lock, std::uint8_t flags,
                              format::stack_id stack, format::site_id site) {
    const bool inside = (flags & lock_flags::in_signal) != 0;
    acquisition made{agent, flags, 0, 0, stack, site};
    if (const auto it = agents_.find(number(agent)); it != agents_.end()) {
        made.blocked = it->second.blocked;
        if (inside && !it->second.handling.empty()) made.signal = it->second.handling.back();
    }
    add(lock, made, inside);
}

void signal_lock::see_hold(format::agent_id agent, format::object_id lock, std::uint8_t flags, format::stack_id stack) {
    if ((flags & lock_flags::in_signal) == 0) see_request(agent, lock, flags, stack, {});
}

void signal_lock::add(format::object_id lock, const acquisition& what, bool inside) {
    uses& u = locks_[number(lock)];
    if (inside) in_handlers_.insert(number(lock));
    std::vector<acquisition>& list = inside ? u.inside : u.outside;
    const auto same = std::find_if(list.begin(), list.end(), [&](const acquisition& a) {
        return a.signal == what.signal && a.blocked == what.blocked &&
               graph::is_shared(a.flags) == graph::is_shared(what.flags) &&
               ((a.flags ^ what.flags) & (lock_flags::attempt | lock_flags::timed)) == 0;
    });
    if (same != list.end()) {
        if (same->stack == format::stack_id::none && what.stack != format::stack_id::none) *same = what;
    } else if (list.size() < uses_max) {
        list.push_back(what);
    }
}

bool signal_lock::can_meet(const acquisition& inside, const acquisition& outside) noexcept {
    return (inside.flags & lock_flags::attempt) == 0 &&
           !(graph::is_shared(inside.flags) && graph::is_shared(outside.flags)) &&
           (outside.blocked & bit_of(inside.signal)) == 0;
}

std::vector<draft> signal_lock::drafts() const {
    std::vector<draft> all;
    for (const std::uint32_t lock : in_handlers_) {
        const uses& u = locks_.at(lock);
        const acquisition* handler = nullptr;
        const acquisition* holder = nullptr;
        for (const acquisition& in : u.inside) {
            const auto out =
                std::find_if(u.outside.begin(), u.outside.end(), [&](const acquisition& a) { return can_meet(in, a); });
            if (out == u.outside.end()) continue;
            // Without a time-out is the stronger.
            if (handler == nullptr || (handler->flags & lock_flags::timed) > (in.flags & lock_flags::timed)) {
                handler = &in;
                holder = &*out;
            }
        }
        if (handler == nullptr) continue;
        const bool timed = (handler->flags & lock_flags::timed) != 0;
        const graph::resource what = graph::lock_of(format::object_id{lock});
        draft made;
        made.kind = findings::kind::self_deadlock;
        made.verdict = timed ? findings::verdict::escapable : findings::verdict::potential;
        if (timed) made.reasons.push_back({.what = fact::gives_up, .lock = what});
        made.reasons.push_back({.what = fact::in_handler, .lock = what, .object = handler->signal});
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
