// Two looks at each strong component. The first lists every cycle, tries included, so that what is harmless and what is told by
// a shorter cycle is counted exactly; nearly all components are small enough for it. Where its bound cuts, the second lists only
// walks that may matter: no plain tries, no shared request that meets a shared hold, no agent that holds two of its locks.
#include "analysis/detectors/lock_order_cycles.hpp"

#include <algorithm>
#include <map>

namespace interlock::detectors {

namespace {

using graph::component;
using graph::way;

/// Judges cycles of one component and keeps account of which tells which.
class account {
public:
    account(const ladder_sources& sources, const component& in, cycle_findings& into)
        : sources_{sources}, in_{in}, into_{into} {}

    void add(const graph::cycle& walk) {
        judgement j = judge(sources_, in_, walk);
        std::vector<std::uint32_t> nodes;
        for (const std::uint32_t edge : walk) nodes.push_back(in_.links.source(edge));
        switch (j.kind) {
            case judgement_kind::finding:
                told_by_[nodes] = into_.drafts.size();
                into_.drafts.push_back(std::move(j.draft));
                return;
            case judgement_kind::shortened: {
                // Shorter cycles came first, so what tells this one is known already.
                std::vector<std::uint32_t> shorter = std::move(j.shorter);
                std::rotate(shorter.begin(), std::min_element(shorter.begin(), shorter.end()), shorter.end());
                const auto it = told_by_.find(shorter);
                if (it == told_by_.end()) {
                    ++into_.harmless;
                    return;
                }
                ++into_.drafts[it->second].also;
                told_by_[nodes] = it->second;
                return;
            }
            case judgement_kind::harmless:
                ++into_.harmless;
                into_.harmless_mutual_exclusion += j.fails_mutual_exclusion;
                into_.harmless_hold_and_wait += j.fails_hold_and_wait;
                return;
        }
    }

private:
    const ladder_sources& sources_;
    const component& in_;
    cycle_findings& into_;
    std::map<std::vector<std::uint32_t>, std::size_t> told_by_;  // nodes of a cycle to the draft that tells it
};

/// What a walk can be refused for before it closes.
class narrowing {
public:
    narrowing(const ladder_sources& sources, const component& in) : sources_{sources}, in_{in} {
        for (const std::vector<way>& ways : in.ways) {
            edge_modes modes;
            for (const way& how : ways) {
                modes.wants_exclusive |= !graph::is_shared(sources.graph->at(how.dependency).flags);
                modes.holds_exclusive |= !graph::is_shared(sources.graph->paths().innermost(how.step).flags);
            }
            modes_.push_back(modes);
        }
    }

    bool allows(std::span<const std::uint32_t> walk, std::uint32_t next) const {
        if (walk.empty()) return true;
        const graph::resource between = in_.locks[in_.links.source(next)];
        const bool reader_preferring = !sources_.type_of || !format::queues_readers(sources_.type_of(between));
        if (reader_preferring && !modes_[walk.back()].wants_exclusive && !modes_[next].holds_exclusive) return false;
        return std::any_of(in_.ways[next].begin(), in_.ways[next].end(), [&](const way& how) {
            return std::none_of(walk.begin(), walk.end(), [&](std::uint32_t edge) {
                return sources_.graph->paths().holds(sources_.graph->at(how.dependency).held,
                                                     in_.locks[in_.links.source(edge)]);
            });
        });
    }

private:
    struct edge_modes {
        bool wants_exclusive = false;
        bool holds_exclusive = false;
    };
    const ladder_sources& sources_;
    const component& in_;
    std::vector<edge_modes> modes_;
};

/// The second look: components of blocking edges whose locks are among `of`.
void look_narrowed(const ladder_sources& sources, const std::vector<component>& blocking, const component& of,
                   const graph::cycle_bounds& bounds, cycle_findings& into) {
    for (const component& in : blocking) {
        if (!std::binary_search(of.locks.begin(), of.locks.end(), in.locks.front())) continue;
        const narrowing narrow{sources, in};
        const graph::cycle_list found = graph::shortest_cycles(
            in.links, bounds,
            [&](std::span<const std::uint32_t> walk, std::uint32_t next) { return narrow.allows(walk, next); });
        account judged{sources, in, into};
        for (const graph::cycle& walk : found.cycles) judged.add(walk);
        into.not_listed += found.left_out;
        if (!found.complete && found.left_out == 0) ++into.not_listed;
    }
}

/// Whether `of` is guarded by the first member of a group of which side `tried` tries a later one, and `told` is the cycle through that guard.
bool is_of_first_member(const draft& of, const side& tried, const draft& told) {
    if (told.verdict >= findings::verdict::guarded || told.sides.size() != of.sides.size()) return false;
    return std::any_of(of.reasons.begin(), of.reasons.end(), [&](const reason& r) {
        if (r.what != fact::guarded) return false;
        return std::any_of(told.sides.begin(), told.sides.end(), [&](const side& s) {
            return s.agent == tried.agent && s.held == tried.held && s.wanted == r.lock;
        });
    });
}

/// A group acquisition waits for its first member alone, and the cycle through that one is told: one through a later member, which the first
/// guards, is the same defect, and cannot block.
void leave_later_members(cycle_findings& made) {
    const auto is_told = [&](const draft& d) {
        return d.verdict == findings::verdict::guarded &&
               std::any_of(d.reasons.begin(), d.reasons.end(), [&](const reason& r) {
                   return r.what == fact::group &&
                          std::any_of(made.drafts.begin(), made.drafts.end(), [&](const draft& other) {
                              return is_of_first_member(d, d.sides[r.first], other);
                          });
               });
    };
    std::vector<std::size_t> told;  // found before any is moved
    for (std::size_t i = 0; i < made.drafts.size(); ++i)
        if (is_told(made.drafts[i])) told.push_back(i);
    for (auto at = told.rbegin(); at != told.rend(); ++at)
        made.drafts.erase(made.drafts.begin() + static_cast<std::ptrdiff_t>(*at));
    made.harmless += told.size();
    made.harmless_hold_and_wait += told.size();
}

}  // namespace

cycle_findings find_lock_order_cycles(const ladder_sources& sources, const graph::edge_rules& rules,
                                      const cycle_limits& limits,
                                      std::optional<std::span<const graph::dependency_index>> among) {
    cycle_findings made;
    const graph::components parts = sources.graph->cyclic(rules, limits.edges_max, among);
    for (const component& in : parts.all) {
        const graph::cycle_list found = graph::shortest_cycles(in.links, limits.plain);
        cycle_findings here;
        if (found.complete) {
            account judged{sources, in, here};
            for (const graph::cycle& walk : found.cycles) judged.add(walk);
        } else {
            look_narrowed(sources, parts.blocking, in, limits.narrowed, here);
        }
        std::move(here.drafts.begin(), here.drafts.end(), std::back_inserter(made.drafts));
        made.harmless += here.harmless;
        made.harmless_mutual_exclusion += here.harmless_mutual_exclusion;
        made.harmless_hold_and_wait += here.harmless_hold_and_wait;
        made.not_listed += here.not_listed;
    }
    if (!parts.complete && made.not_listed == 0) made.not_listed = 1;
    leave_later_members(made);
    std::stable_sort(made.drafts.begin(), made.drafts.end(),
                     [](const draft& a, const draft& b) { return a.sides.size() < b.sides.size(); });
    return made;
}

}  // namespace interlock::detectors
