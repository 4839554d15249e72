// Model: pick one way for each edge. The pick can block if each wanted mode conflicts with the next held mode (lockdep's strong
// walks: somewhere -(*R)->L-(S*)-> means no) and no agent holds two of the cycle's locks. It is then lowered by each fact that
// prevents it in this run; the cycle has the verdict of the pick that is lowered least. Ways that differ in agent and moment only
// are treated together: whether their requests can be pending at once is asked of cycle_moments.
#include "analysis/detectors/cycle_ladder.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "analysis/detectors/cycle_moments.hpp"

namespace interlock::detectors {

namespace {

using findings::verdict;
using graph::hold;
using graph::path_id;
using graph::resource;
using graph::way;
namespace lock_flags = format::lock_flags;

constexpr std::uint64_t picks_max = 20'000;
constexpr std::size_t ways_besides_max = 1'000;

/// A lock held beside the one of the edge.
struct guard {
    resource lock;
    bool shared = false;
    friend auto operator<=>(const guard&, const guard&) = default;
};

/// Ways of one edge that differ in agent, stack and moment only.
struct alike {
    std::vector<guard> guards;  // ascending
    bool held_shared = false;
    bool wanted_shared = false;
    bool timed = false;
    std::vector<way> ways;
    auto key() const { return std::tie(timed, guards, held_shared, wanted_shared); }
};

class ladder {
public:
    ladder(const ladder_sources& sources, const graph::component& in, std::span<const std::uint32_t> walk)
        : sources_{sources}, graph_{*sources.graph}, in_{in}, walk_{walk} {
        for (const std::uint32_t edge : walk) locks_.push_back(in.locks[in.links.source(edge)]);
    }

    judgement run();

private:
    std::size_t length() const noexcept { return walk_.size(); }
    std::size_t next(std::size_t side) const noexcept { return side + 1 == length() ? 0 : side + 1; }

    bool group_ways();
    bool is_in_scope(const way& how) const;
    alike describe(const way& how) const;
    void pick_from(std::size_t side);
    queued_writer writer_between(std::size_t side, const alike& wants, const alike& holds) const;
    bool can_block(std::size_t side, const alike& wants, const alike& holds);
    bool waits_behind_a_timed_writer(std::size_t side) const;
    void weigh();
    bool is_shortened();
    void lower_for_locks(verdict& v, std::vector<reason>& reasons) const;
    std::optional<std::size_t> second_cycle_lock(std::size_t side, const alike& a) const;
    bool conflict(const alike& a, const alike& b, resource& lock) const;
    void settle(verdict v, std::vector<reason> reasons, std::span<const seen> chosen);
    void lower_for_damage(detectors::draft& made) const;
    side make_side(std::size_t at, const seen& chosen) const;
    std::vector<other_way> ways_besides(std::size_t at, const side& told) const;

    const ladder_sources& sources_;
    const graph::lock_graph& graph_;
    const graph::component& in_;
    std::span<const std::uint32_t> walk_;
    std::vector<resource> locks_;             // held by side i
    std::vector<std::vector<alike>> groups_;  // of each side
    std::vector<const alike*> picked_;
    std::uint64_t picks_ = 0;
    bool cut_ = false;
    bool met_shared_ = false;  // a pick failed since shared meets shared
    bool found_ = false;
    bool shortened_ = false;
    std::vector<std::uint32_t> shorter_;
    detectors::draft best_;
};

bool ladder::is_in_scope(const way& how) const {
    const std::span<const graph::moment> all = graph_.moments(how.dependency);
    return std::any_of(all.begin(), all.end(),
                       [&](const graph::moment& m) { return sources_.tests.has(m.mark, m.position); });
}

/// False if some edge has no way that blocks.
bool ladder::group_ways() {
    groups_.resize(length());
    for (std::size_t i = 0; i < length(); ++i) {
        std::map<std::tuple<bool, std::vector<guard>, bool, bool>, alike> by_key;
        for (const way& how : in_.ways[walk_[i]]) {
            if (!how.blocking || !is_in_scope(how)) continue;
            alike a = describe(how);
            alike& into = by_key.try_emplace(a.key(), a).first->second;
            into.ways.push_back(how);
        }
        if (by_key.empty()) return false;
        for (auto& [key, a] : by_key) groups_[i].push_back(std::move(a));
        // Few guards and no time-out first: the strongest verdict is met early.
        std::stable_sort(groups_[i].begin(), groups_[i].end(), [](const alike& a, const alike& b) {
            return std::tuple(a.timed, a.guards.size()) < std::tuple(b.timed, b.guards.size());
        });
    }
    return true;
}

alike ladder::describe(const way& how) const {
    alike a;
    const graph::dependency& d = graph_.at(how.dependency);
    a.held_shared = graph::is_shared(graph_.paths().innermost(how.step).flags);
    a.wanted_shared = graph::is_shared(d.flags);
    a.timed = (d.flags & lock_flags::timed) != 0;
    for (path_id at = d.held; at != path_id::empty; at = graph_.paths().parent(at)) {
        if (at == how.step) continue;
        const hold& h = graph_.paths().innermost(at);
        if (sources_.is_lock && !sources_.is_lock(h.what)) continue;
        a.guards.push_back({h.what, graph::is_shared(h.flags)});
    }
    // An agent holds its own end all along, whether or not the dependency was told with it.
    const resource own_end = graph::termination_of(d.agent);
    if (graph_.paths().innermost(how.step).what != own_end &&
        std::find(locks_.begin(), locks_.end(), own_end) != locks_.end())
        a.guards.push_back({own_end, false});
    std::sort(a.guards.begin(), a.guards.end());
    a.guards.erase(std::unique(a.guards.begin(), a.guards.end()), a.guards.end());
    return a;
}

/// The writer behind which a shared request of side `side` waits for a shared hold of the next.
queued_writer ladder::writer_between(std::size_t side, const alike& wants, const alike& holds) const {
    const resource lock = locks_[next(side)];
    if (!sources_.type_of || !format::queues_readers(sources_.type_of(lock))) return queued_writer::none;
    const graph::dependency_index sides[] = {wants.ways.front().dependency, holds.ways.front().dependency};
    return sources_.writer_may_come ? sources_.writer_may_come(lock, sides) : queued_writer::untimed;
}

/// Whether the request of side `side` waits for what the next side holds.
bool ladder::can_block(std::size_t side, const alike& wants, const alike& holds) {
    if (!wants.wanted_shared || !holds.held_shared) return true;
    const bool blocks = writer_between(side, wants, holds) != queued_writer::none;
    met_shared_ = met_shared_ || !blocks;
    return blocks;
}

void ladder::pick_from(std::size_t side) {
    if (side == length()) {
        if (can_block(side - 1, *picked_.back(), *picked_.front())) weigh();
        return;
    }
    for (const alike& a : groups_[side]) {
        if (++picks_ > picks_max) {
            cut_ = true;
            return;
        }
        if (found_ && best_.verdict == verdict::potential) return;
        if (side > 0 && !can_block(side - 1, *picked_.back(), a)) continue;
        picked_.push_back(&a);
        pick_from(side + 1);
        picked_.pop_back();
    }
}

/// A lock of the cycle that side `side` holds beside its own, as the side that holds it in the cycle.
std::optional<std::size_t> ladder::second_cycle_lock(std::size_t side, const alike& a) const {
    for (std::size_t j = 0; j < length(); ++j) {
        if (j == side) continue;
        const auto it = std::lower_bound(a.guards.begin(), a.guards.end(), guard{locks_[j], false});
        if (it != a.guards.end() && it->lock == locks_[j]) return j;
    }
    return std::nullopt;
}

bool ladder::conflict(const alike& a, const alike& b, resource& lock) const {
    for (auto i = a.guards.begin(), j = b.guards.begin(); i != a.guards.end() && j != b.guards.end();) {
        if (i->lock < j->lock) {
            ++i;
        } else if (j->lock < i->lock) {
            ++j;
        } else {
            if (!i->shared || !j->shared) {
                lock = i->lock;
                return true;
            }
            ++i;
        }
    }
    return false;
}

/// One agent holds two locks of the cycle in every such pick: a shorter cycle tells it, whose nodes are kept.
bool ladder::is_shortened() {
    for (std::size_t i = 0; i < length(); ++i) {
        const std::optional<std::size_t> j = second_cycle_lock(i, *picked_[i]);
        if (!j) continue;
        if (!shortened_) {
            for (std::size_t at = *j, to = next(i);; at = to, to = next(to)) {
                shorter_.push_back(in_.links.source(walk_[at]));
                if (to == *j) break;
            }
        }
        shortened_ = true;
        return true;
    }
    return false;
}

bool ladder::waits_behind_a_timed_writer(std::size_t side) const {
    const alike& wants = *picked_[side];
    const alike& holds = *picked_[next(side)];
    return wants.wanted_shared && holds.held_shared && writer_between(side, wants, holds) == queued_writer::timed;
}

/// The guard and the time-out that prevent the pick, the stronger of the two first; lowers `v` accordingly.
void ladder::lower_for_locks(verdict& v, std::vector<reason>& reasons) const {
    std::optional<reason> guarded;
    std::optional<reason> gives_up;
    for (std::size_t i = 0; i < length(); ++i) {
        if (!gives_up && picked_[i]->timed)
            gives_up = reason{fact::gives_up, i, i, locks_[next(i)], {}, {}, 0};
        else if (!gives_up && waits_behind_a_timed_writer(i))
            gives_up = reason{fact::writer_gives_up, i, i, locks_[next(i)], {}, {}, 0};
        for (std::size_t j = i + 1; j < length() && !guarded; ++j) {
            resource lock;
            if (conflict(*picked_[i], *picked_[j], lock)) guarded = reason{fact::guarded, i, j, lock, {}, {}, 0};
        }
    }
    if (guarded) {
        v = verdict::guarded;
        reasons.insert(reasons.begin(), *guarded);
    }
    if (gives_up) {
        v = verdict::escapable;
        reasons.insert(reasons.begin(), *gives_up);
    }
}

/// One pick, all of whose requests can block: which facts prevent it?
void ladder::weigh() {
    if (is_shortened()) return;
    std::vector<side_moments> sides;
    sides.reserve(picked_.size());
    for (const alike* a : picked_) sides.push_back(moments_of(graph_, a->ways, sources_.tests));
    std::vector<seen> chosen;
    std::vector<reason> reasons;
    verdict v = verdict::potential;
    if (are_pending_at_once(*sources_.order, sides, chosen, cut_)) {
        reasons.emplace_back();
    } else if (are_in_tests_apart(sources_.tests, *sources_.order, sides, chosen)) {
        v = verdict::across_runs;
        reasons.push_back({fact::tests_apart, 0, 0, {}, {}, {}, 0});
    } else if (have_distinct_agents(sides, chosen)) {
        v = verdict::ordered;
        if (const std::optional<reason> between = order_between(*sources_.order, chosen)) reasons.push_back(*between);
    } else {
        v = verdict::single_thread;
        chosen.clear();
        reasons.push_back(shared_agent(sides, chosen));
    }
    lower_for_locks(v, reasons);
    settle(v, std::move(reasons), chosen);
}

void ladder::settle(verdict v, std::vector<reason> reasons, std::span<const seen> chosen) {
    if (found_ && best_.verdict <= v) return;
    found_ = true;
    best_ = {};
    best_.verdict = v;
    best_.reasons = std::move(reasons);
    for (std::size_t i = 0; i < length(); ++i) {
        best_.sides.push_back(make_side(i, chosen[i]));
        const graph::dependency& d = graph_.at(chosen[i].how.dependency);
        if (picked_[i]->wanted_shared && picked_[next(i)]->held_shared) {
            best_.reasons.push_back({fact::writer_needed, i, i, locks_[next(i)], {}, {}, 0});
        }
        if ((d.flags & lock_flags::attempt) != 0) {
            const bool grouped =
                (d.flags & lock_flags::grouped) != 0 || (sources_.is_grouped && sources_.is_grouped(d.flags, d.stack));
            best_.reasons.push_back({grouped ? fact::group : fact::try_blocks, i, i, d.wanted, {}, {}, 0});
        }
    }
}

side ladder::make_side(std::size_t at, const seen& chosen) const {
    const graph::dependency& d = graph_.at(chosen.how.dependency);
    const hold& h = graph_.paths().innermost(chosen.how.step);
    side made;
    made.agent = d.agent;
    made.held = h.what;
    made.wanted = d.wanted;
    made.held_flags = h.flags;
    made.wanted_flags = d.flags;
    for (const guard& g : picked_[at]->guards) {
        if (!g.lock.termination) made.guards.push_back(g.lock);
    }
    made.held_stack = h.stack;
    made.wanted_stack = d.stack;
    made.wanted_site = d.site;
    made.approximate = h.approximate;
    made.mark = chosen.when.mark;
    made.position = chosen.when.position;
    made.nth = chosen.when.nth;
    return made;
}

/// Which instance is the strongest may be chance; at which places there were any is much less so.
std::vector<other_way> ladder::ways_besides(std::size_t at, const side& told) const {
    std::set<other_way> found;
    for (const alike& a : groups_[at]) {
        if (a.held_shared != graph::is_shared(told.held_flags) ||
            a.wanted_shared != graph::is_shared(told.wanted_flags))
            continue;
        for (const way& how : a.ways) {
            if (found.size() == ways_besides_max) break;
            const graph::dependency& d = graph_.at(how.dependency);
            found.insert({graph_.paths().innermost(how.step).stack, d.stack, d.site});
        }
    }
    return {found.begin(), found.end()};
}

void ladder::lower_for_damage(detectors::draft& made) const {
    damage d = sources_.damage;
    for (const side& s : made.sides) d.ill_formed |= sources_.is_contradicted && sources_.is_contradicted(s.held);
    const bool overturned = (made.verdict <= verdict::potential && (d.order_lost || d.ill_formed)) ||
                            (made.verdict == verdict::ordered && (d.segments_lost || d.ill_formed));
    if (overturned) {
        made.verdict = verdict::unverifiable;
        made.reasons.insert(made.reasons.begin(),
                            {d.ill_formed ? fact::ill_formed : fact::events_lost, 0, 0, {}, {}, {}, 0});
    }
}

judgement ladder::run() {
    judgement made;
    if (!group_ways()) {
        made.fails_hold_and_wait = true;
        return made;
    }
    pick_from(0);
    if (found_) {
        made.kind = judgement_kind::finding;
        for (std::size_t i = 0; i < length(); ++i) best_.sides[i].elsewhere = ways_besides(i, best_.sides[i]);
        lower_for_damage(best_);
        if (cut_ && best_.verdict != verdict::potential) {
            best_.reasons.push_back({fact::not_all_examined, 0, 0, {}, {}, {}, 0});
        }
        made.draft = std::move(best_);
    } else if (shortened_) {
        made.kind = judgement_kind::shortened;
        made.shorter = std::move(shorter_);
    } else {
        made.fails_mutual_exclusion = met_shared_;
    }
    return made;
}

}  // namespace

judgement judge(const ladder_sources& sources, const graph::component& in, std::span<const std::uint32_t> walk) {
    assert(sources.graph != nullptr && sources.order != nullptr && !walk.empty());
    return ladder{sources, in, walk}.run();
}

}  // namespace interlock::detectors
