// Model: an edge goes from each agent that waits, without a time-out, to each agent that must act before it can go on: the
// holders of the wanted lock in a conflicting mode, or the agent to be joined. Every one of them is needed and each agent has one
// request at a time (the AND model of Knapp, Deadlock detection in distributed databases, 1987), so a cycle is a deadlock.
//
// The pages make this exact. A want is set before its request and cleared once it is over; a hold is entered after the lock was
// acquired and removed before it is released. So a hold that a page shows is one, and who wants a lock that is held cannot have it.
#include "analysis/detectors/deadlock.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <tuple>
#include <unordered_map>

#include "analysis/detectors/cycle_ladder.hpp"
#include "analysis/graph/cycles.hpp"
#include "analysis/graph/strong_components.hpp"

namespace interlock::detectors {

namespace {

using format::agent_id;
using format::event_kind;
using format::object_id;
using graph::path_id;
using graph::resource;
using trace::agent_present;
using trace::present_hold;
namespace lock_flags = format::lock_flags;

constexpr graph::cycle_bounds bounds{100, 2'000'000};

/// One edge: what `from` needs of `to`.
struct wait {
    std::size_t from = 0;  // indices of agents
    std::size_t to = 0;
    std::size_t writer = no_writer;  // the agent that `from` queues behind, if both sides are shared

    static constexpr std::size_t no_writer = ~std::size_t{0};
};

using pair = std::pair<std::uint32_t, std::uint32_t>;

std::vector<pair> pairs_of(const std::vector<wait>& waits) {
    std::vector<pair> made;
    made.reserve(waits.size());
    for (const wait& w : waits) made.emplace_back(static_cast<std::uint32_t>(w.from), static_cast<std::uint32_t>(w.to));
    return made;
}

/// Some cycle, for components beyond the bounds. Precondition: `in` is strongly connected. Cost: linear.
graph::cycle any_cycle(const graph::digraph& in) {
    std::vector<std::size_t> reached_after(in.nodes(), 0);  // edges walked when it was met, plus 1
    graph::cycle walk;
    for (std::uint32_t at = 0; reached_after[at] == 0; at = in.target[walk.back()]) {
        reached_after[at] = walk.size() + 1;
        walk.push_back(in.first[at]);
    }
    const std::size_t lead = reached_after[in.target[walk.back()]] - 1;
    walk.erase(walk.begin(), walk.begin() + static_cast<std::ptrdiff_t>(lead));
    return walk;
}

class wait_for_graph {
public:
    explicit wait_for_graph(const deadlock_sources& sources) : sources_{sources} {
        for (const agent_present& agent : sources.present) agents_.push_back(&agent);
        std::sort(agents_.begin(), agents_.end(), [](const agent_present* a, const agent_present* b) {
            return std::tie(a->agent, a->offset) < std::tie(b->agent, b->offset);
        });
        enter();
        for (std::size_t at = 0; at < agents_.size(); ++at) add_waits(at);
    }

    /// Precondition: called once.
    std::vector<draft> drafts();
    std::vector<bystander> behind(std::span<const format::agent_id> members) const;

private:
    struct holder {
        std::size_t agent = 0;
        const present_hold* hold = nullptr;
    };

    void enter();
    void index_dependencies();
    void add_waits(std::size_t at);
    bool waits(std::size_t at) const;
    bool reads_again(std::size_t at) const;
    std::size_t queued_writer(std::size_t reader, resource lock) const;
    const present_hold* hold_of(std::size_t at, resource what) const;
    resource wanted_by(std::size_t at) const;
    side make_side(std::size_t at, resource held) const;
    void add_stacks(side& into, std::size_t at) const;
    bool fits(const side& s, const graph::dependency& d, const graph::hold*& step, std::size_t at) const;
    std::vector<std::vector<std::size_t>> cycles() const;
    draft make_draft(std::span<const std::size_t> walk) const;
    draft make_own_draft(std::size_t reader, std::size_t writer) const;
    void lower(draft& made, std::span<const std::size_t> members) const;
    bool is_doubtful(const draft& d, std::span<const std::size_t> members) const;

    const deadlock_sources& sources_;
    std::vector<const agent_present*> agents_;                             // by id
    std::unordered_map<std::uint32_t, std::vector<holder>> holders_;       // by lock
    std::unordered_map<std::uint32_t, std::vector<std::size_t>> writers_;  // that wait for a lock, by lock
    std::unordered_map<std::uint32_t, std::vector<std::size_t>> running_;  // by agent; more than one if a page lies
    std::vector<wait> waits_;
    std::unordered_map<std::uint32_t, std::vector<graph::dependency_index>> dependencies_;  // by agent that waits
};

void wait_for_graph::enter() {
    for (std::size_t at = 0; at < agents_.size(); ++at) {
        const agent_present& agent = *agents_[at];
        if (agent.state == format::agent_state::unborn || agent.state == format::agent_state::exited) continue;
        if (agent.state == format::agent_state::running) running_[number(agent.agent)].push_back(at);
        if (waits(at) && !graph::is_shared(agent.want.flags) && !wanted_by(at).termination)
            writers_[wanted_by(at).id].push_back(at);
        for (const present_hold& h : agent.holds) {
            if (sources_.is_lock && !sources_.is_lock(graph::lock_of(h.object))) continue;
            holders_[number(h.object)].push_back({at, &h});
        }
    }
}

resource wait_for_graph::wanted_by(std::size_t at) const {
    const trace::present_want& want = agents_[at]->want;
    return want.operation == event_kind::join_request ? graph::termination_of(agent_id{number(want.object)})
                                                      : graph::lock_of(want.object);
}

/// Whether the agent waits for an owner and goes on waiting.
bool wait_for_graph::waits(std::size_t at) const {
    const agent_present& agent = *agents_[at];
    return agent.waits_for_ever() && trace::is_owner_bound(agent.want.operation) && agent.want.object != object_id{};
}

/// Whether the agent asks to share what it shares already: it is let in unless a writer is queued.
bool wait_for_graph::reads_again(std::size_t at) const {
    if (!waits(at) || !graph::is_shared(agents_[at]->want.flags)) return false;
    const present_hold* own = hold_of(at, wanted_by(at));
    return own != nullptr && graph::is_shared(own->flags);
}

const present_hold* wait_for_graph::hold_of(std::size_t at, resource what) const {
    if (what.termination) return nullptr;
    const auto known = holders_.find(what.id);
    if (known == holders_.end()) return nullptr;
    const auto it =
        std::find_if(known->second.begin(), known->second.end(), [&](const holder& h) { return h.agent == at; });
    return it == known->second.end() ? nullptr : it->hold;
}

/// A writer that waits for `lock` without end: where readers queue behind it, so does `reader`.
std::size_t wait_for_graph::queued_writer(std::size_t reader, resource lock) const {
    if (!sources_.type_of || !format::queues_readers(sources_.type_of(lock))) return wait::no_writer;
    // A writer that wants the lock may not be queued yet. Who saw nobody before it asked may be let in this very moment.
    if ((agents_[reader]->want.flags & lock_flags::contended) == 0 && !sources_.watched) return wait::no_writer;
    const auto known = writers_.find(lock.id);
    if (known == writers_.end()) return wait::no_writer;
    const auto it = std::find_if(known->second.begin(), known->second.end(),
                                 [&](std::size_t at) { return at != reader && hold_of(at, lock) == nullptr; });
    return it == known->second.end() ? wait::no_writer : *it;
}

void wait_for_graph::add_waits(std::size_t at) {
    if (!waits(at)) return;
    const resource wanted = wanted_by(at);
    if (wanted.termination) {
        for (const std::size_t to : running_[wanted.id]) {
            if (to != at) waits_.push_back({at, to, wait::no_writer});
        }
        return;
    }
    const auto known = holders_.find(wanted.id);
    if (known == holders_.end()) return;
    const bool shared = graph::is_shared(agents_[at]->want.flags);
    const present_hold* const own = hold_of(at, wanted);
    // Who holds what it wants has just acquired it, or waits for itself; an upgrade waits for the other shared holds besides.
    if (own != nullptr && (shared || !graph::is_shared(own->flags))) return;
    for (const holder& h : known->second) {
        if (h.agent == at) continue;
        std::size_t writer = wait::no_writer;
        if (shared && graph::is_shared(h.hold->flags)) {
            writer = queued_writer(at, wanted);
            if (writer == wait::no_writer || writer == h.agent) continue;
        }
        waits_.push_back({at, h.agent, writer});
    }
}

/// Whether `d` is how the request of `s` was logged: from the same place, with the same locks held.
bool wait_for_graph::fits(const side& s, const graph::dependency& d, const graph::hold*& step, std::size_t at) const {
    if (d.agent != s.agent || d.wanted != s.wanted || graph::is_shared(d.flags) != graph::is_shared(s.wanted_flags))
        return false;
    const std::uint64_t site = agents_[at]->want.site_address;
    if (sources_.address_of_site && site != 0 && sources_.address_of_site(d.site) != site) return false;
    std::size_t locks = 0;
    const graph::held_paths& paths = sources_.graph->paths();
    for (path_id of = d.held; of != path_id::empty; of = paths.parent(of)) {
        const graph::hold& h = paths.innermost(of);
        if (h.what == s.held) step = &h;
        if (h.what.termination) continue;
        ++locks;
        if (std::none_of(agents_[at]->holds.begin(), agents_[at]->holds.end(),
                         [&](const present_hold& p) { return number(p.object) == h.what.id; }))
            return false;
    }
    // An upgrade's own share is no part of what it was logged with.
    const bool upgrades = agents_[at]->want.operation == event_kind::upgrade_request && !paths.holds(d.held, d.wanted);
    return step != nullptr && locks + (upgrades ? 1 : 0) == agents_[at]->holds.size();
}

/// The stacks of the dependency record are whole; the page knows the innermost frames.
void wait_for_graph::add_stacks(side& into, std::size_t at) const {
    const present_hold* hold = hold_of(at, into.held);
    const auto known = dependencies_.find(number(into.agent));
    for (std::size_t i = 0; known != dependencies_.end() && i < known->second.size(); ++i) {
        const graph::dependency& d = sources_.graph->at(known->second[i]);
        const graph::hold* step = nullptr;
        if (!fits(into, d, step, at)) continue;
        if (d.stack != format::stack_id::none) into.wanted_stack = d.stack;
        into.wanted_site = d.site;
        const bool same_place = hold == nullptr || hold->site_address == 0 || !sources_.innermost_of_stack ||
                                sources_.innermost_of_stack(step->stack) == hold->site_address;
        if (step->stack == format::stack_id::none || !same_place) continue;
        into.held_stack = step->stack;
        into.approximate = step->approximate;
    }
    if (into.wanted_stack == format::stack_id::none) into.wanted_trail = agents_[at]->want.addresses();
    if (into.held_stack == format::stack_id::none && hold != nullptr) into.held_trail = hold->addresses();
}

side wait_for_graph::make_side(std::size_t at, resource held) const {
    const agent_present& agent = *agents_[at];
    side made;
    made.agent = agent.agent;
    made.held = held;
    made.wanted = wanted_by(at);
    made.wanted_flags = agent.want.flags;
    if (const present_hold* hold = hold_of(at, held)) made.held_flags = hold->flags;
    for (const present_hold& h : agent.holds) {
        const resource what = graph::lock_of(h.object);
        if (what != held && (!sources_.is_lock || sources_.is_lock(what))) made.guards.push_back(what);
    }
    std::sort(made.guards.begin(), made.guards.end());
    add_stacks(made, at);
    return made;
}

/// Whether what the pages say of the cycle may not be what was.
bool wait_for_graph::is_doubtful(const draft& d, std::span<const std::size_t> members) const {
    if (std::any_of(members.begin(), members.end(), [&](std::size_t at) { return !agents_[at]->intact; })) return true;
    return std::any_of(d.sides.begin(), d.sides.end(), [&](const side& s) {
        const auto known = holders_.find(s.held.id);
        if (s.held.termination || known == holders_.end()) return false;
        // Held exclusively, and by somebody else too: one of them does not hold it any more.
        return known->second.size() > 1 && std::any_of(known->second.begin(), known->second.end(), [](const holder& h) {
                   return !graph::is_shared(h.hold->flags);
               });
    });
}

void wait_for_graph::index_dependencies() {
    for (std::size_t at = 0; at < agents_.size(); ++at)
        if (waits(at)) dependencies_.try_emplace(number(agents_[at]->agent));
    for (std::uint32_t i = 0; i < sources_.graph->size(); ++i) {
        const auto known = dependencies_.find(number(sources_.graph->at(graph::dependency_index{i}).agent));
        if (known != dependencies_.end()) known->second.push_back(graph::dependency_index{i});
    }
}

/// The cycles as walks of wait indices. Searched for in each strong component by itself: those who only wait for a cycle, of whom
/// there may be thousands, cost nothing.
std::vector<std::vector<std::size_t>> wait_for_graph::cycles() const {
    const std::vector<pair> all = pairs_of(waits_);
    const std::vector<std::uint32_t> part = graph::strong_components(agents_.size(), all);
    std::map<std::uint32_t, std::vector<std::size_t>> inside;  // waits by component
    for (std::size_t i = 0; i < waits_.size(); ++i)
        if (part[waits_[i].from] == part[waits_[i].to]) inside[part[waits_[i].from]].push_back(i);
    std::vector<std::vector<std::size_t>> made;
    for (const auto& [number, members] : inside) {
        std::map<std::size_t, std::uint32_t> node;
        for (const std::size_t i : members) node.try_emplace(waits_[i].from, static_cast<std::uint32_t>(node.size()));
        std::vector<pair> links;
        for (const std::size_t i : members) links.emplace_back(node[waits_[i].from], node[waits_[i].to]);
        std::vector<std::uint32_t> order;
        const graph::digraph in = graph::make_digraph(node.size(), links, order);
        std::vector<graph::cycle> found = graph::shortest_cycles(in, bounds).cycles;
        if (found.empty()) found.push_back(any_cycle(in));
        for (const graph::cycle& walk : found) {
            std::vector<std::size_t>& into = made.emplace_back();
            for (const std::uint32_t edge : walk) into.push_back(members[order[edge]]);
        }
    }
    return made;
}

draft wait_for_graph::make_draft(std::span<const std::size_t> walk) const {
    draft made;
    made.kind = findings::kind::deadlock;
    made.verdict = findings::verdict::observed;
    made.reasons.push_back({.what = fact::happened});
    made.stuck = true;
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < walk.size(); ++i) {
        const wait& w = waits_[walk[i]];
        const wait& before = waits_[walk[i == 0 ? walk.size() - 1 : i - 1]];
        members.push_back(w.from);
        made.sides.push_back(make_side(w.from, wanted_by(before.from)));
        tell_reacquisition(*agents_[w.from], made);
        if (w.writer == wait::no_writer) continue;
        members.push_back(w.writer);
        made.reasons.push_back(
            {.what = fact::writer_needed, .first = i, .lock = wanted_by(w.from), .agent = agents_[w.writer]->agent});
    }
    lower(made, members);
    return made;
}

/// `reader` shares a lock and asks for it once more, behind `writer`, which waits for what `reader` shares.
draft wait_for_graph::make_own_draft(std::size_t reader, std::size_t writer) const {
    const resource lock = wanted_by(reader);
    const agent_id own = agents_[reader]->agent;
    draft made;
    made.kind = findings::kind::self_deadlock;
    made.verdict = findings::verdict::observed;
    made.reasons.push_back({.what = fact::happened});
    made.reasons.push_back({.what = fact::writer_needed, .lock = lock, .agent = agents_[writer]->agent});
    made.sides.push_back(make_side(reader, lock));
    made.lock = lock;
    made.agent = own;
    made.stuck = true;
    made.behind = behind(std::vector{own, agents_[writer]->agent});
    lower(made, std::vector{reader, writer});
    return made;
}

void wait_for_graph::lower(draft& made, std::span<const std::size_t> members) const {
    if (!sources_.damage.ill_formed && !sources_.damage.order_lost && !is_doubtful(made, members)) return;
    made.verdict = findings::verdict::unverifiable;
    made.reasons.front().what = sources_.damage.ill_formed ? fact::ill_formed : fact::events_lost;
}

std::vector<draft> wait_for_graph::drafts() {
    const std::vector<std::vector<std::size_t>> found = cycles();
    std::vector<std::pair<std::size_t, std::size_t>> own;  // reader, writer
    for (std::size_t at = 0; at < agents_.size(); ++at) {
        const std::size_t writer = reads_again(at) ? queued_writer(at, wanted_by(at)) : wait::no_writer;
        if (writer != wait::no_writer) own.emplace_back(at, writer);
    }
    if (!found.empty() || !own.empty()) index_dependencies();
    std::vector<draft> all;
    all.reserve(found.size() + own.size());
    for (const std::vector<std::size_t>& walk : found) {
        all.push_back(make_draft(walk));
        std::vector<agent_id> members;
        for (const side& s : all.back().sides) members.push_back(s.agent);
        for (const reason& r : all.back().reasons)
            if (r.what == fact::writer_needed) members.push_back(r.agent);
        all.back().behind = behind(members);
    }
    for (const auto& [reader, writer] : own) all.push_back(make_own_draft(reader, writer));
    return all;
}

/// Who wants what it holds itself has no wait here, and is one of the members if it matters.
std::vector<bystander> wait_for_graph::behind(std::span<const agent_id> members) const {
    std::vector<std::vector<std::size_t>> waiters(agents_.size());
    for (const wait& w : waits_) {
        waiters[w.to].push_back(w.from);
        if (w.writer != wait::no_writer) waiters[w.writer].push_back(w.from);
    }
    std::vector<bool> reached(agents_.size(), false);
    std::vector<std::size_t> from;
    for (std::size_t at = 0; at < agents_.size(); ++at) {
        if (std::find(members.begin(), members.end(), agents_[at]->agent) == members.end()) continue;
        reached[at] = true;
        from.push_back(at);
    }
    std::vector<std::size_t> found;
    while (!from.empty()) {
        const std::size_t at = from.back();
        from.pop_back();
        for (const std::size_t one : waiters[at]) {
            if (reached[one]) continue;
            reached[one] = true;
            from.push_back(one);
            found.push_back(one);
        }
    }
    std::sort(found.begin(), found.end());
    std::vector<bystander> made;
    for (const std::size_t at : found) {
        const trace::present_want& want = agents_[at]->want;
        made.push_back({agents_[at]->agent, wanted_by(at), {}, want.addresses()});
    }
    return made;
}

using step = std::tuple<resource, bool, resource, bool>;

std::vector<step> steps_of(const draft& d) {
    std::vector<step> made;
    for (const side& s : d.sides)
        made.emplace_back(s.held, graph::is_shared(s.held_flags), s.wanted, graph::is_shared(s.wanted_flags));
    std::sort(made.begin(), made.end());  // a simple cycle is its set of edges
    return made;
}

}  // namespace

std::vector<draft> find_deadlocks(const deadlock_sources& sources) {
    assert(sources.graph != nullptr);
    return wait_for_graph{sources}.drafts();
}

std::vector<bystander> find_behind(const deadlock_sources& sources, std::span<const agent_id> members) {
    return wait_for_graph{sources}.behind(members);
}

bool is_same_cycle(const draft& a, const draft& b) { return steps_of(a) == steps_of(b); }

}  // namespace interlock::detectors
