// Model: every choice of one moment a side. Moments of one side that are ordered among themselves make a chain, and of a chain in each
// side one walk finds whether some choice overlaps (segment_order), so chains are chosen instead, a bounded number of them.
#include "analysis/detectors/cycle_moments.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace interlock::detectors {

namespace {

using graph::way;

constexpr std::uint64_t chain_picks_max = 5'000;
constexpr std::size_t chains_max = 64;

/// Chains that together have every moment. The order of positions is one that keeps before(), so greedy filling works.
std::vector<std::vector<graph::moment>> chains_of(const graph::segment_order& order, const side_moments& all,
                                                  bool& cut) {
    std::vector<std::vector<graph::moment>> chains;
    for (const seen& s : all) {
        const auto fits = std::find_if(chains.begin(), chains.end(), [&](const std::vector<graph::moment>& chain) {
            return order.is_extended(chain.back(), s.when);
        });
        if (fits != chains.end()) {
            fits->push_back(s.when);
        } else if (chains.size() < chains_max) {
            chains.push_back({s.when});
        } else {
            cut = true;
        }
    }
    return chains;
}

}  // namespace

side_moments moments_of(const graph::lock_graph& graph, std::span<const way> ways, const test_scope& tests) {
    side_moments all;
    for (const way& how : ways) {
        for (const graph::moment& when : graph.moments(how.dependency))
            if (tests.has(when.mark, when.position)) all.push_back({when, how});
    }
    std::sort(all.begin(), all.end(), [](const seen& x, const seen& y) { return x.when.position < y.when.position; });
    return all;
}

bool are_pending_at_once(const graph::segment_order& order, std::span<const side_moments> sides,
                         std::vector<seen>& chosen, bool& cut) {
    std::vector<std::vector<std::vector<graph::moment>>> chains;
    chains.reserve(sides.size());
    for (const side_moments& all : sides) chains.push_back(chains_of(order, all, cut));
    std::vector<std::size_t> at(sides.size(), 0);
    std::vector<std::span<const graph::moment>> spans(sides.size());
    for (std::uint64_t tried = 0;; ++tried) {
        if (tried == chain_picks_max) {
            cut = true;
            return false;
        }
        for (std::size_t i = 0; i < sides.size(); ++i) spans[i] = chains[i][at[i]];
        std::optional<graph::order_evidence> last;
        if (const auto found = order.overlap(spans, last)) {
            for (std::size_t i = 0; i < sides.size(); ++i) {
                const auto it =
                    std::lower_bound(sides[i].begin(), sides[i].end(), (*found)[i].position,
                                     [](const seen& s, std::uint64_t position) { return s.when.position < position; });
                chosen.push_back(*it);
            }
            return true;
        }
        std::size_t i = 0;
        while (i < sides.size() && ++at[i] == chains[i].size()) at[i++] = 0;
        if (i == sides.size()) return false;
    }
}

bool have_distinct_agents(std::span<const side_moments> sides, std::vector<seen>& found) {
    std::vector<std::map<format::agent_id, seen>> able(sides.size());
    for (std::size_t i = 0; i < sides.size(); ++i) {
        for (const seen& s : sides[i]) able[i].try_emplace(s.when.agent, s);
    }
    std::map<format::agent_id, std::size_t> side_of;
    for (std::size_t i = 0; i < sides.size(); ++i) {
        std::set<format::agent_id> tried;
        const auto place = [&](const auto& self, std::size_t side) -> bool {
            for (const auto& [agent, s] : able[side]) {
                if (!tried.insert(agent).second) continue;
                const auto it = side_of.find(agent);
                if (it != side_of.end() && !self(self, it->second)) continue;
                side_of[agent] = side;
                return true;
            }
            return false;
        };
        if (!place(place, i)) return false;
    }
    found.resize(sides.size());
    for (const auto& [agent, side] : side_of) found[side] = able[side].at(agent);
    return true;
}

std::optional<reason> order_between(const graph::segment_order& order, std::span<const seen> distinct) {
    for (std::size_t i = 0; i < distinct.size(); ++i) {
        for (std::size_t j = 0; j < distinct.size(); ++j) {
            if (i == j || !order.before(distinct[i].when, distinct[j].when)) continue;
            const graph::order_evidence e = order.evidence(distinct[i].when, distinct[j].when);
            return reason{fact::ordered, i, j, {}, {}, e.kind, e.object};
        }
    }
    return std::nullopt;
}

reason shared_agent(std::span<const side_moments> sides, std::vector<seen>& chosen) {
    std::set<format::agent_id> everywhere;
    for (std::size_t i = 0; i < sides.size(); ++i) {
        std::set<format::agent_id> here;
        for (const seen& s : sides[i]) {
            if (i == 0 || everywhere.contains(s.when.agent)) here.insert(s.when.agent);
        }
        everywhere = std::move(here);
    }
    for (const std::vector<seen>& s : sides) {
        const auto it = std::find_if(s.begin(), s.end(), [&](const seen& one) {
            return everywhere.empty() || one.when.agent == *everywhere.begin();
        });
        chosen.push_back(*it);
    }
    if (!everywhere.empty()) return {fact::one_agent, 0, 0, {}, *everywhere.begin(), {}, 0};
    const auto agent = [&](std::size_t i) { return chosen[i].when.agent; };
    for (std::size_t i = 0; i < sides.size(); ++i) {
        for (std::size_t j = i + 1; j < sides.size(); ++j) {
            if (agent(i) == agent(j)) return {fact::agent_twice, i, j, {}, agent(i), {}, 0};
        }
    }
    return {fact::agent_twice, 0, 0, {}, agent(0), {}, 0};
}

}  // namespace interlock::detectors
