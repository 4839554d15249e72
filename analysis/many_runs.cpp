// What a run saw whole is told as it judged it; the same defect is not told again as one across runs.
#include "analysis/many_runs.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/across_runs.hpp"
#include "analysis/graph/strong_components.hpp"
#include "analysis/same_defect.hpp"

namespace interlock::analysis {
namespace {

/// Ids of nodes that stand for kinds, apart from those of any log's locks.
constexpr std::uint64_t first_node = std::uint64_t{1} << 62;

/// Which runs have edges of locks that are not known again in others, and why.
void tell_nameless(const findings::run_summary& all, std::vector<findings::log_summary>& logs) {
    std::set<std::uint32_t> handed_out;
    std::set<std::uint32_t> unknown;
    for (const auto& [key, seen] : findings::edges_by_kind(all)) {
        for (const findings::lock_kind* end : {&key.held, &key.wanted}) {
            if (!end->key.empty()) continue;
            std::set<std::uint32_t>& runs = end->births.empty() ? unknown : handed_out;
            runs.insert(seen.runs.begin(), seen.runs.end());
        }
    }
    const std::string effect = " are not known again in other runs: cycles across runs through them are not found";
    for (const std::uint32_t run : handed_out)
        logs[run].blind_spots.push_back("locks that are first seen in functions that only hand locks out" + effect);
    for (const std::uint32_t run : unknown)
        logs[run].blind_spots.push_back("locks that have neither class, variable nor place of birth" + effect);
}

}  // namespace

findings::report_data report_of(const findings::run_summary& all) {
    findings::report_data data;
    for (const findings::run_of_log& one : all.runs) {
        data.logs.push_back(one.log);
        data.harmless_cycles += one.harmless_cycles;
        data.harmless_mutual_exclusion += one.harmless_mutual_exclusion;
        data.harmless_hold_and_wait += one.harmless_hold_and_wait;
        data.cycles_not_listed += one.cycles_not_listed;
    }
    if (all.runs.size() > 1) tell_nameless(all, data.logs);
    defects seen_whole;
    for (const auto& [key, one] : all.findings) {
        findings::finding made = one.what;
        made.occurrences = 0;
        for (const auto& [run, often] : one.occurred) made.occurrences += often;
        seen_whole.add(std::move(made));
    }
    defects joined;
    for (findings::finding& one : across_runs(all, data.cycles_not_listed))
        if (!seen_whole.has(one.id)) joined.add(std::move(one));
    data.findings = seen_whole.take();
    std::vector<findings::finding> more = joined.take();
    std::move(more.begin(), more.end(), std::back_inserter(data.findings));
    settle(data.findings);
    return data;
}

void add_order_of(const findings::run_summary& all, findings::lock_order& into) {
    for (const findings::run_of_log& one : all.runs) into.logs.push_back(one.log);
    std::map<std::string, std::uint64_t> nodes;
    const auto node = [&](const findings::lock_kind& kind, const findings::lock& example) {
        const auto [it, fresh] = nodes.try_emplace(kind.key, first_node + nodes.size());
        if (!fresh) return it->second;
        findings::lock drawn = example;
        drawn.id = it->second;
        drawn.name = kind.word;
        drawn.log = 0;
        into.locks.push_back(std::move(drawn));
        return it->second;
    };
    using ends = std::tuple<std::uint64_t, std::uint64_t, findings::lock_mode, findings::lock_mode>;
    std::map<ends, findings::order_edge> arcs;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> links;
    for (const auto& [key, seen] : findings::edges_by_kind(all)) {
        if (key.held.key.empty() || key.wanted.key.empty()) continue;
        const std::uint64_t held = node(key.held, seen.example.held);
        const std::uint64_t wanted = node(key.wanted, seen.example.wanted);
        const auto [it, fresh] = arcs.try_emplace({held, wanted, key.held_mode, key.wanted_mode});
        findings::order_edge& arc = it->second;
        if (fresh) {
            std::tie(arc.held, arc.wanted, arc.held_mode, arc.wanted_mode) = it->first;
            arc.blocking = false;
            arc.occurrences = 0;
            arc.wanted_stack = seen.example.side.wanted_stack;
            links.emplace_back(static_cast<std::uint32_t>(held - first_node),
                               static_cast<std::uint32_t>(wanted - first_node));
        }
        arc.blocking = arc.blocking || key.blocking;
        arc.occurrences += seen.runs.size();
    }
    const std::vector<std::uint32_t> component = graph::strong_components(nodes.size(), links);
    for (auto& [between, arc] : arcs) {
        arc.in_cycle = arc.held != arc.wanted && component[arc.held - first_node] == component[arc.wanted - first_node];
        into.edges.push_back(std::move(arc));
    }
}

}  // namespace interlock::analysis
