// Model: the AND/OR wait-for graph (graph/wait_for.hpp). Who wants a lock needs all its holders, who joins needs the joined thread; who
// waits for an object without an owner needs any agent at all, for each may signal it. So one thread that runs, or waits where
// nobody sees what for, keeps all of the latter alive. A condition's waiter needs its mutex besides: where another agent has that,
// it is a request for it (trace::bind_condition_waits), for while he who has it cannot go on neither can the waiter, and once he can, any
// agent can.
//
// What the reduction leaves is split: an edge goes from each stuck agent to those it needs, for an ownerless object to those who ever
// signalled it. Groups that lead nowhere else are what holds all others up. A group of several is a deadlock: every possible
// waker is itself stuck. One alone is stalled: nobody is left who could, or ever did.
#include "analysis/detectors/stall.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <tuple>
#include <unordered_map>

#include "analysis/graph/strong_components.hpp"
#include "analysis/graph/wait_for.hpp"

namespace interlock::detectors {

namespace {

using format::agent_id;
using format::event_kind;
using format::object_id;
using graph::resource;
using trace::agent_present;

using node = graph::wait_for_graph::node;

enum class wait_kind : std::uint8_t { none, lock, join, ownerless };

class stalls {
public:
    explicit stalls(const stall_sources& sources) : from_{sources} {
        for (const agent_present& agent : sources.present)
            if (agent.state == format::agent_state::running || agent.state == format::agent_state::unborn)
                agents_.push_back(&agent);
        std::sort(agents_.begin(), agents_.end(), [](const agent_present* a, const agent_present* b) {
            return std::tie(a->agent, a->offset) < std::tie(b->agent, b->offset);
        });
    }

    std::vector<draft> find();

private:
    void enter();
    void reduce();
    void link();
    std::vector<std::size_t> members(std::uint32_t part) const;
    wait_kind kind_of(std::size_t at) const;
    bool is_lock_of_another(std::size_t at) const;
    resource wanted_by(std::size_t at) const;
    std::vector<std::size_t> conflicting_holders(std::size_t at, object_id lock, bool shared) const;
    bool is_left(std::size_t at) const;
    std::vector<wake_book::signaller> wakers_of(std::size_t at) const;
    bool has_arrived(std::size_t other, std::size_t at) const;
    bool has_ended_signaller(const std::vector<std::size_t>& group) const;
    bool is_cycle_of_owners(const std::vector<std::size_t>& group) const;
    draft make_deadlock(const std::vector<std::size_t>& group) const;
    draft make_stall(const std::vector<std::size_t>& group) const;
    void tell_of_object(const trace::present_want& want, draft& into) const;
    side make_side(std::size_t at, const std::vector<std::size_t>& group, std::size_t before) const;
    std::vector<bystander> behind(const std::vector<std::size_t>& group) const;
    void settle_verdict(draft& made, const std::vector<std::size_t>& group) const;

    const stall_sources& from_;
    std::vector<const agent_present*> agents_;  // by id
    std::unordered_map<std::uint32_t, std::size_t> index_;
    std::unordered_map<std::uint32_t, std::vector<std::size_t>> holders_;       // by lock
    std::unordered_map<std::uint32_t, const trace::present_hold*> left_holds_;  // by lock, of ended agents' pages
    std::unordered_map<std::uint32_t, agent_id> left_by_page_;
    std::vector<bool> stuck_;
    std::vector<std::vector<std::size_t>> needs_;  // of stuck agents, among themselves
    std::vector<std::uint32_t> part_;
};

bool is_wait(const agent_present& agent) noexcept { return agent.intact && agent.waits_for_ever(); }

wait_kind stalls::kind_of(std::size_t at) const {
    const agent_present& agent = *agents_[at];
    if (!is_wait(agent) || from_.seen.live.contains(agent.agent)) return wait_kind::none;
    switch (agent.want.operation) {
        case event_kind::request:
        case event_kind::upgrade_request:
        case event_kind::once_wait: return wait_kind::lock;
        case event_kind::join_request: return wait_kind::join;
        case event_kind::semaphore_request:
            // Used as a lock or not, anybody may post it; a handler does not post what others have taken as a lock.
            return from_.woken_from_outside && !is_lock_of_another(at) ? wait_kind::none : wait_kind::ownerless;
        case event_kind::futex_wait: return from_.woken_from_outside ? wait_kind::none : wait_kind::ownerless;
        case event_kind::condition_wait:
        case event_kind::barrier_arrive:
        case event_kind::latch_wait:
        case event_kind::event_wait:
        case event_kind::future_wait:
        case event_kind::queue_wait: return wait_kind::ownerless;
        default: return wait_kind::none;  // reason: not known what ends it
    }
}

bool stalls::is_lock_of_another(std::size_t at) const {
    const object_id lock = agents_[at]->want.object;
    const auto it = holders_.find(number(lock));
    return it != holders_.end() && (!from_.is_lock || from_.is_lock(graph::lock_of(lock))) &&
           std::any_of(it->second.begin(), it->second.end(), [&](std::size_t holder) { return holder != at; });
}

resource stalls::wanted_by(std::size_t at) const {
    const trace::present_want& want = agents_[at]->want;
    return want.operation == event_kind::join_request ? graph::termination_of(agent_id{number(want.object)})
                                                      : graph::lock_of(want.object);
}

void stalls::enter() {
    for (std::size_t at = 0; at < agents_.size(); ++at) {
        index_[number(agents_[at]->agent)] = at;
        for (const trace::present_hold& hold : agents_[at]->holds) holders_[number(hold.object)].push_back(at);
    }
    for (const agent_present& agent : from_.present) {
        if (agent.state != format::agent_state::exited) continue;
        for (const trace::present_hold& hold : agent.holds) {
            left_holds_[number(hold.object)] = &hold;
            left_by_page_[number(hold.object)] = agent.agent;
        }
    }
}

std::vector<std::size_t> stalls::conflicting_holders(std::size_t at, object_id lock, bool shared) const {
    std::vector<std::size_t> made;
    const auto it = holders_.find(number(lock));
    if (it == holders_.end()) return made;
    for (const std::size_t holder : it->second) {
        const auto& holds = agents_[holder]->holds;
        const bool conflicts = std::any_of(holds.begin(), holds.end(), [&](const trace::present_hold& h) {
            return h.object == lock && !(shared && graph::is_shared(h.flags));
        });
        if (conflicts && (holder != at || is_wait(*agents_[at]))) made.push_back(holder);
    }
    return made;
}

/// Whether nobody that lives holds the lock that `at` wants, and it is locked for ever.
bool stalls::is_left(std::size_t at) const {
    const object_id lock = agents_[at]->want.object;
    if (agents_[at]->want.operation != event_kind::request) return false;
    return holders_.find(number(lock)) == holders_.end() &&
           (from_.seen.orphans.contains(agents_[at]->agent) || from_.seen.across.contains(agents_[at]->agent) ||
            left_holds_.contains(number(lock)) || from_.book->left_by(lock).has_value());
}

void stalls::reduce() {
    graph::wait_for_graph graph;
    std::vector<node> all;
    for (std::size_t at = 0; at < agents_.size(); ++at) all.push_back(graph.add());
    const node nobody = graph.add();
    graph.needs_any(nobody, {});
    const node anybody = graph.add();
    if (!from_.shares_objects && !from_.seen.strangers) graph.needs_any(anybody, all);
    for (std::size_t at = 0; at < agents_.size(); ++at) {
        const agent_present& agent = *agents_[at];
        const bool shared = graph::is_shared(agent.want.flags);
        std::vector<node> needs;
        switch (kind_of(at)) {
            case wait_kind::none: break;
            case wait_kind::lock:
                for (const std::size_t holder : conflicting_holders(at, agent.want.object, shared))
                    needs.push_back(all[holder]);
                if (is_left(at)) needs.push_back(nobody);
                break;
            case wait_kind::join:
                if (const auto it = index_.find(number(agent.want.object)); it != index_.end())
                    needs.push_back(all[it->second]);
                break;
            case wait_kind::ownerless: {
                const bool known = from_.seen.watched ||
                                   (from_.full && from_.is_final &&
                                    !from_.book->may_be_over(agent.agent, agent.want.object, agent.want.operation));
                if (known) needs.push_back(anybody);
                break;
            }
        }
        if (!needs.empty()) graph.needs_all(all[at], needs);
    }
    stuck_ = graph.stuck();
    stuck_.resize(agents_.size());
}

/// Whether `other` has done its part for the barrier that `at` waits at.
bool stalls::has_arrived(std::size_t other, std::size_t at) const {
    return agents_[at]->want.operation == event_kind::barrier_arrive && agents_[other]->wants &&
           agents_[other]->want.operation == event_kind::barrier_arrive &&
           agents_[other]->want.object == agents_[at]->want.object;
}

/// Who would end the wait if he could: he has a permit that is awaited, or ever signalled the object.
std::vector<wake_book::signaller> stalls::wakers_of(std::size_t at) const {
    const object_id object = agents_[at]->want.object;
    std::vector<wake_book::signaller> made = from_.book->permit_holders(object);
    if (made.empty() && is_lock_of_another(at))  // level order: only the pages tell
        for (const std::size_t holder : holders_.at(number(object))) made.push_back({agents_[holder]->agent, {}});
    return made.empty() ? from_.book->signallers(object) : made;
}

/// Edges among the stuck.
void stalls::link() {
    needs_.assign(agents_.size(), {});
    std::vector<std::pair<std::uint32_t, std::uint32_t>> links;
    for (std::size_t at = 0; at < agents_.size(); ++at) {
        if (!stuck_[at]) continue;
        const agent_present& agent = *agents_[at];
        std::vector<std::size_t>& into = needs_[at];
        switch (kind_of(at)) {
            case wait_kind::none: break;
            case wait_kind::lock:
                into = conflicting_holders(at, agent.want.object, graph::is_shared(agent.want.flags));
                break;
            case wait_kind::join: into = {index_.at(number(agent.want.object))}; break;
            case wait_kind::ownerless:
                for (const wake_book::signaller& one : wakers_of(at))
                    if (const auto it = index_.find(number(one.agent));
                        it != index_.end() && it->second != at && !has_arrived(it->second, at))
                        into.push_back(it->second);
                break;
        }
        std::erase_if(into, [&](std::size_t to) { return !stuck_[to]; });
        std::sort(into.begin(), into.end());
        into.erase(std::unique(into.begin(), into.end()), into.end());
        for (const std::size_t to : into)
            links.emplace_back(static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(to));
    }
    part_ = graph::strong_components(agents_.size(), links);
}

std::vector<std::size_t> stalls::members(std::uint32_t part) const {
    std::vector<std::size_t> made;
    for (std::size_t at = 0; at < agents_.size(); ++at)
        if (stuck_[at] && part_[at] == part) made.push_back(at);
    return made;
}

/// Whether locks and joins alone close a cycle inside the group: deadlock and self_deadlock tell of that.
bool stalls::is_cycle_of_owners(const std::vector<std::size_t>& group) const {
    graph::wait_for_graph graph;
    std::map<std::size_t, node> nodes;
    for (const std::size_t at : group) nodes.emplace(at, graph.add());
    for (const std::size_t at : group) {
        std::vector<node> needs;
        if (kind_of(at) != wait_kind::ownerless)
            for (const std::size_t to : needs_[at])
                if (const auto it = nodes.find(to); it != nodes.end()) needs.push_back(it->second);
        if (!needs.empty()) graph.needs_any(nodes[at], needs);
    }
    const std::vector<bool> stuck = graph.stuck();
    return std::find(stuck.begin(), stuck.end(), true) != stuck.end();
}

side stalls::make_side(std::size_t at, const std::vector<std::size_t>& group, std::size_t before) const {
    const agent_present& agent = *agents_[at];
    side made;
    made.agent = agent.agent;
    made.wanted = wanted_by(at);
    made.wanted_flags = agent.want.flags;
    made.wanted_trail = agent.want.addresses();
    const auto needs = [&](std::size_t from) {
        return std::find(needs_[from].begin(), needs_[from].end(), at) != needs_[from].end();
    };
    std::size_t waiter = before;
    if (!needs(waiter)) waiter = *std::find_if(group.begin(), group.end(), needs);
    made.held = wanted_by(waiter);
    if (kind_of(waiter) == wait_kind::ownerless) {
        made.signals = from_.book->permit_holders(agents_[waiter]->want.object).empty() && !is_lock_of_another(waiter);
        for (const wake_book::signaller& one : wakers_of(waiter))
            if (one.agent == agent.agent) made.held_site = one.site;
    }
    for (const trace::present_hold& hold : agent.holds) {
        const resource what = graph::lock_of(hold.object);
        if (what != made.held) {
            if (!from_.is_lock || from_.is_lock(what)) made.guards.push_back(what);
            continue;
        }
        made.held_flags = hold.flags;
        made.held_trail = hold.addresses();
    }
    std::sort(made.guards.begin(), made.guards.end());
    return made;
}

/// Who waits for a member of the group, by way of others perhaps.
std::vector<bystander> stalls::behind(const std::vector<std::size_t>& group) const {
    std::vector<bool> reached(agents_.size(), false);
    for (const std::size_t at : group) reached[at] = true;
    for (bool more = true; more;) {
        more = false;
        for (std::size_t at = 0; at < agents_.size(); ++at) {
            if (reached[at] || !stuck_[at]) continue;
            reached[at] =
                std::any_of(needs_[at].begin(), needs_[at].end(), [&](std::size_t to) { return reached[to]; });
            more = more || reached[at];
        }
    }
    std::vector<bystander> made;
    for (std::size_t at = 0; at < agents_.size(); ++at) {
        if (!reached[at] || std::find(group.begin(), group.end(), at) != group.end()) continue;
        const trace::present_want& want = agents_[at]->want;
        made.push_back({agents_[at]->agent, wanted_by(at), {}, want.addresses()});
    }
    return made;
}

void stalls::settle_verdict(draft& made, const std::vector<std::size_t>& group) const {
    made.stuck = true;
    made.verdict = findings::verdict::observed;
    made.behind = behind(group);
    if (!from_.damage.ill_formed && !from_.damage.order_lost) return;
    made.verdict = findings::verdict::unverifiable;
    made.reasons.insert(made.reasons.begin(), {.what = from_.damage.ill_formed ? fact::ill_formed : fact::events_lost});
}

draft stalls::make_deadlock(const std::vector<std::size_t>& group) const {
    // Each after one that it needs, as far as that goes.
    std::vector<std::size_t> order{group.front()};
    while (order.size() < group.size()) {
        const auto is_new = [&](std::size_t at) {
            return std::find(group.begin(), group.end(), at) != group.end() &&
                   std::find(order.begin(), order.end(), at) == order.end();
        };
        const std::vector<std::size_t>& needs = needs_[order.back()];
        auto next = std::find_if(needs.begin(), needs.end(), is_new);
        order.push_back(next != needs.end() ? *next : *std::find_if(group.begin(), group.end(), is_new));
    }
    draft made;
    made.kind = findings::kind::deadlock;
    made.reasons.push_back({.what = fact::wakers_stuck});
    for (std::size_t i = 0; i < order.size(); ++i)
        made.sides.push_back(make_side(order[i], group, order[i == 0 ? order.size() - 1 : i - 1]));
    for (const std::size_t at : order) {
        tell_of_object(agents_[at]->want, made);
        tell_reacquisition(*agents_[at], made);
    }
    settle_verdict(made, group);
    return made;
}

/// What is known besides of an object that is waited for.
void stalls::tell_of_object(const trace::present_want& want, draft& into) const {
    const resource object = graph::lock_of(want.object);
    if (want.operation == event_kind::future_wait) into.reasons.push_back({.what = fact::never_set, .lock = object});
    if (want.operation == event_kind::condition_wait && from_.book->notified_unheard(want.object))
        into.reasons.push_back({.what = fact::notified_unheard, .lock = object});
}

/// Whether somebody else than the waiting ever signalled what they want.
bool stalls::has_ended_signaller(const std::vector<std::size_t>& group) const {
    const std::vector<wake_book::signaller> ever = from_.book->signallers(agents_[group.front()]->want.object);
    return std::any_of(ever.begin(), ever.end(), [&](const wake_book::signaller& one) {
        return std::none_of(group.begin(), group.end(),
                            [&](std::size_t at) { return agents_[at]->agent == one.agent; });
    });
}

/// All members want the same object.
draft stalls::make_stall(const std::vector<std::size_t>& group) const {
    const std::size_t first = group.front();
    const agent_present& agent = *agents_[first];
    draft made;
    made.kind = findings::kind::stalled;
    made.lock = wanted_by(first);
    made.agent = agent.agent;
    for (const std::size_t at : group) {
        made.agents.push_back(agents_[at]->agent);
        made.waits.push_back({agents_[at]->agent, wanted_by(at), {}, agents_[at]->want.addresses()});
    }
    made.trail = agent.want.addresses();
    reason why{.what = fact::nobody_signals, .lock = made.lock};
    if (from_.seen.orphans.contains(agent.agent)) {
        why.what = fact::left_by_process;
    } else if (from_.seen.across.contains(agent.agent)) {
        why.what = fact::held_across;
    } else if (is_left(first)) {
        const auto by_page = left_by_page_.find(number(agent.want.object));
        const agent_id leaver =
            by_page != left_by_page_.end() ? by_page->second : from_.book->left_by(agent.want.object)->agent;
        why.what = leaver == agent_id::none ? fact::left_by_fork : fact::left_by_ended;
        why.agent = leaver;
    } else if (agent.want.operation == event_kind::barrier_arrive) {
        const wake_book::phase phase = from_.book->phase_of(agent.want.object);
        why.what = fact::parties_missing;
        why.first = phase.arrived;
        why.second = phase.parties;
    } else if (!from_.full) {
        why.what = fact::signals_unknown;
    } else if (has_ended_signaller(group)) {
        why.what = fact::signallers_ended;
    }
    made.reasons.push_back(why);
    tell_of_object(agent.want, made);
    for (const std::size_t at : group) tell_reacquisition(*agents_[at], made);
    settle_verdict(made, group);
    return made;
}

std::vector<draft> stalls::find() {
    enter();
    reduce();
    link();
    std::vector<draft> made;
    std::map<std::pair<resource, std::size_t>, std::vector<std::size_t>> alone;  // by object; unknown ones by agent
    std::set<std::uint32_t> seen;
    for (std::size_t at = 0; at < agents_.size(); ++at) {
        if (!stuck_[at] || !seen.insert(part_[at]).second) continue;
        const std::vector<std::size_t> group = members(part_[at]);
        const bool leads_on = std::any_of(group.begin(), group.end(), [&](std::size_t one) {
            return std::any_of(needs_[one].begin(), needs_[one].end(),
                               [&](std::size_t to) { return part_[to] != part_[one]; });
        });
        if (leads_on || is_cycle_of_owners(group)) continue;
        if (group.size() == 1)
            alone[{wanted_by(at), agents_[at]->want.object == object_id::none ? at : 0}].push_back(at);
        else
            made.push_back(make_deadlock(group));
    }
    for (const auto& [object, group] : alone) made.push_back(make_stall(group));
    return made;
}

bool names_object(fact what) noexcept {
    return what == fact::parties_missing || what == fact::left_by_ended || what == fact::left_by_fork;
}

}  // namespace

void join(draft& into, const draft& other) {
    constexpr std::size_t reasons_max = 4;
    const auto append = [](auto& all, const auto& more) { all.insert(all.end(), more.begin(), more.end()); };
    append(into.agents, other.agents);
    append(into.waits, other.waits);
    for (const bystander& one : other.behind)  // who waits for two of them is behind both
        if (std::none_of(into.behind.begin(), into.behind.end(),
                         [&](const bystander& b) { return b.agent == one.agent; }))
            into.behind.push_back(one);
    for (const wanted_hold& one : other.holds)
        if (std::none_of(into.holds.begin(), into.holds.end(),
                         [&](const wanted_hold& h) { return h.agent == one.agent && h.held == one.held; }))
            into.holds.push_back(one);
    for (const reason& why : other.reasons) {
        const bool is_known =
            !names_object(why.what) &&
            std::any_of(into.reasons.begin(), into.reasons.end(), [&](const reason& r) { return r.what == why.what; });
        if (!is_known && into.reasons.size() < reasons_max) into.reasons.push_back(why);
    }
}

std::vector<draft> find_stalls(const stall_sources& sources) {
    assert(sources.book != nullptr);
    return stalls{sources}.find();
}

}  // namespace interlock::detectors
