// Model: segment s of agent a is over before segment t of agent b begins iff b's clock at t has at least s for a. A clock changes
// only where an agent learns (observe), so clocks are kept for these steps alone and found by binary search.
// What is done in a run of an initialiser is known by two entries: the agent's, as all that it does, and the run's own. Who passes a
// once flag learns the second alone.
#include "analysis/graph/segment_order.hpp"

#include <algorithm>
#include <cassert>

namespace interlock::graph {

namespace {

constexpr std::uint64_t key(format::event_kind kind, std::uint32_t object) noexcept {
    return std::uint64_t{static_cast<std::uint8_t>(kind)} << 32 | object;
}

/// A clock's entry for a run of an initialiser. Agents are numbered from below and never come so far.
constexpr std::uint32_t entry_of_run(std::uint32_t run) noexcept { return 0x8000'0000U | run; }

}  // namespace

segment_order::agent_history& segment_order::history(format::agent_id agent) { return agents_[number(agent)]; }

moment segment_order::now(format::agent_id agent) {
    agent_history& of = history(agent);
    of.requested = of.segment;
    std::uint32_t run = 0;
    if (!of.initialisers.empty()) {
        of.initialisers.back().has_moments = true;
        run = of.initialisers.back().run;
    }
    return {agent, of.segment, of.mark, run, ++position_, 0};
}

void segment_order::enter_test(format::agent_id agent, std::uint32_t mark) {
    agent_history& of = history(agent);
    ++of.segment;
    of.mark = mark;
}

std::uint32_t segment_order::mark_of(format::agent_id agent) const noexcept {
    const auto it = agents_.find(number(agent));
    return it == agents_.end() ? 0 : it->second.mark;
}

graph::clock segment_order::past_of(format::agent_id agent) {
    const agent_history& of = history(agent);
    graph::clock past = of.steps.empty() ? graph::clock{} : of.steps.back().past;
    past.raise(number(agent), of.requested);
    return past;
}

void segment_order::publish(format::agent_id agent, format::event_kind kind, std::uint32_t object) {
    published_[key(kind, object)].join(past_of(agent));
    ++history(agent).segment;
}

void segment_order::learn(format::agent_id agent, format::event_kind kind, std::uint32_t object,
                          const graph::clock& what) {
    agent_history& of = history(agent);
    graph::clock past = of.steps.empty() ? graph::clock{} : of.steps.back().past;
    const bool news = past.join(what);
    ++of.segment;
    if (news) of.steps.push_back({of.segment, kind, object, std::move(past)});
}

void segment_order::observe(format::agent_id agent, format::event_kind kind, std::uint32_t object,
                            format::event_kind as) {
    const auto it = published_.find(key(as, object));
    if (it == published_.end()) {
        ++history(agent).segment;
        return;
    }
    learn(agent, kind, object, it->second);
}

void segment_order::begin_initialiser(format::agent_id agent, std::uint32_t once) {
    agent_history& of = history(agent);
    of.initialisers.push_back(
        {once, ++initialiser_runs_, false, of.steps.empty() ? graph::clock{} : of.steps.back().past});
}

void segment_order::end_initialiser(format::agent_id agent, std::uint32_t once, bool done) {
    agent_history& of = history(agent);
    const auto is_it = [&](const open_initialiser& one) { return one.once == once; };
    const auto found = std::find_if(of.initialisers.rbegin(), of.initialisers.rend(), is_it);
    if (found != of.initialisers.rend()) {
        open_initialiser ended = std::move(*found);
        of.initialisers.erase(std::next(found).base(), of.initialisers.end());
        if (ended.has_moments && !of.initialisers.empty()) {
            graph::clock inside;
            inside.raise(entry_of_run(ended.run), of.requested);
            learn(agent, format::event_kind::once_done, once, inside);
        }
        if (done) {
            // What others know of this agent is no news from inside: it includes what came before.
            ended.before.raise(number(agent), ~std::uint32_t{0});
            const graph::clock past = of.steps.empty() ? graph::clock{} : of.steps.back().past;
            initialised made{ended.has_moments ? ended.run : 0, of.requested, past.beyond(ended.before)};
            if (made.run != 0 || !made.learnt.empty()) initialised_[once] = std::move(made);
        }
    }
    if (done) publish(agent, format::event_kind::once_done, once);
}

void segment_order::pass_once(format::agent_id agent, std::uint32_t once) {
    const auto it = initialised_.find(once);
    if (it == initialised_.end()) {
        ++history(agent).segment;
        return;
    }
    graph::clock what = it->second.learnt;
    if (it->second.run != 0) what.raise(entry_of_run(it->second.run), it->second.segment);
    is_transitive_ = false;
    learn(agent, format::event_kind::once_pass, once, what);
}

void segment_order::arrive(format::agent_id agent, std::uint32_t barrier) {
    barrier_state& at = barriers_[barrier];
    phase& into = at.phases[at.current];
    into.arrived.join(past_of(agent));
    // Who arrives twice without having passed has left the earlier phase behind.
    const auto [it, fresh] = at.phase_of.try_emplace(number(agent), at.current);
    if (fresh || it->second != at.current) ++into.inside;
    if (!fresh && it->second != at.current) {
        const auto old = at.phases.find(it->second);
        if (old != at.phases.end() && --old->second.inside == 0) at.phases.erase(old);
    }
    it->second = at.current;
    ++history(agent).segment;
}

void segment_order::pass(format::agent_id agent, std::uint32_t barrier) {
    barrier_state& at = barriers_[barrier];
    const auto where = at.phase_of.find(number(agent));
    if (where == at.phase_of.end()) {
        ++history(agent).segment;
        return;
    }
    const std::uint32_t passed = where->second;
    at.phase_of.erase(where);
    // The first to pass ends the phase: everybody of it has arrived, whoever arrives from now on belongs to the next.
    if (passed == at.current) ++at.current;
    const auto it = at.phases.find(passed);
    assert(it != at.phases.end());
    learn(agent, format::event_kind::barrier_complete, barrier, it->second.arrived);
    if (--it->second.inside == 0) at.phases.erase(it);
}

void segment_order::set(format::agent_id agent, std::uint32_t event) {
    event_state& at = events_[event];
    if (at.setter == format::agent_id::none) {
        at.setter = agent;
        at.setter_past = past_of(agent);
    } else if (at.setter != agent) {
        at.several = true;
    }
    ++history(agent).segment;
}

void segment_order::reset(format::agent_id agent, std::uint32_t event) {
    events_.erase(event);
    ++history(agent).segment;
}

void segment_order::pass_event(format::agent_id agent, std::uint32_t event) {
    const auto it = events_.find(event);
    if (it == events_.end() || it->second.several) {
        ++history(agent).segment;
        return;
    }
    learn(agent, format::event_kind::event_pass, event, it->second.setter_past);
}

const segment_order::step* segment_order::known_at(const moment& where) const noexcept {
    const auto it = agents_.find(number(where.agent));
    if (it == agents_.end()) return nullptr;
    const std::vector<step>& steps = it->second.steps;
    const auto after = std::upper_bound(steps.begin(), steps.end(), where.segment,
                                        [](std::uint32_t segment, const step& s) { return segment < s.segment; });
    return after == steps.begin() ? nullptr : &*(after - 1);
}

bool segment_order::knows(const step& at, const moment& what) noexcept {
    return at.past.at(number(what.agent)) >= what.segment ||
           (what.initialiser != 0 && at.past.at(entry_of_run(what.initialiser)) >= what.segment);
}

bool segment_order::before(const moment& a, const moment& b) const noexcept {
    if (a.agent == b.agent) return a.position <= b.position;
    const step* known = known_at(b);
    return known != nullptr && knows(*known, a);
}

bool segment_order::is_extended(const moment& a, const moment& b) const {
    if (!before(a, b)) return false;
    if (a.agent == b.agent || is_transitive_) return true;
    graph::clock of_b = known_at(b)->past;
    if (of_b.at(number(a.agent)) < a.segment) return false;
    const step* known = known_at(a);
    return known == nullptr || !of_b.join(known->past);
}

order_evidence segment_order::evidence(const moment& a, const moment& b) const {
    order_evidence found{a, b, format::event_kind::none, 0};
    if (a.agent == b.agent) return found;
    const std::vector<step>& steps = agents_.at(number(b.agent)).steps;
    const auto first = std::partition_point(steps.begin(), steps.end(), [&](const step& s) { return !knows(s, a); });
    assert(first != steps.end() && first->segment <= b.segment);
    found.kind = first->kind;
    found.object = first->object;
    return found;
}

std::optional<std::vector<moment>> segment_order::overlap(std::span<const std::span<const moment>> sides,
                                                          std::optional<order_evidence>& last) const {
    std::vector<std::size_t> at(sides.size(), 0);
    for (const auto& side : sides) {
        if (side.empty()) return std::nullopt;
    }
    // If a is before b it is before all later moments of b's side too: no overlap has a, so its side goes on.
    for (std::size_t settled = 0, i = 0; settled < sides.size(); i = (i + 1) % sides.size()) {
        bool moved = false;
        for (std::size_t j = 0; j < sides.size(); ++j) {
            if (i == j) continue;
            const moment& other = sides[j][at[j]];
            while (before(sides[i][at[i]], other)) {
                moved = true;
                if (at[i] + 1 == sides[i].size()) {
                    last = evidence(sides[i][at[i]], other);
                    return std::nullopt;
                }
                ++at[i];
            }
        }
        settled = moved ? 1 : settled + 1;
    }
    std::vector<moment> found;
    found.reserve(sides.size());
    for (std::size_t i = 0; i < sides.size(); ++i) found.push_back(sides[i][at[i]]);
    return found;
}

}  // namespace interlock::graph
