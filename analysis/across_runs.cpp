// Model: nodes are kinds, a link stands for all edges between two kinds that block; every simple cycle of links of which no run
// has all, shortest first. For each the strongest choice of edges whose modes conflict all the way round is told.
#include "analysis/across_runs.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "analysis/findings/fingerprint.hpp"
#include "analysis/findings/mention.hpp"
#include "analysis/findings/severity.hpp"
#include "analysis/graph/cycles.hpp"
#include "analysis/graph/strong_components.hpp"
#include "analysis/wrapper_frames.hpp"

namespace interlock::analysis {
namespace {

using findings::edge_seen;
using findings::finding;
using findings::kind_edge;
using findings::lock_mode;
using findings::verdict;

constexpr std::size_t picks_max = 10'000;
constexpr std::size_t runs_told_max = 4;
/// Ids of a finding's locks and threads, apart from those of any log.
constexpr std::uint64_t first_id = std::uint64_t{1} << 31;

using entry = std::pair<const kind_edge, edge_seen>;

/// All edges from one kind to another.
struct bundle {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::vector<const entry*> edges;
    std::vector<std::uint32_t> runs;  // that saw one of them
};

std::vector<bundle> bundles_of(const std::map<kind_edge, edge_seen>& all, std::size_t& nodes) {
    std::map<std::string, std::uint32_t> numbers;
    const auto number = [&](const std::string& key) {
        return numbers.try_emplace(key, static_cast<std::uint32_t>(numbers.size())).first->second;
    };
    std::map<std::pair<std::string, std::string>, bundle> found;
    for (const entry& one : all) {
        const kind_edge& key = one.first;
        if (!key.blocking || key.held.key.empty() || key.wanted.key.empty() || key.held.key == key.wanted.key) continue;
        found[{key.held.key, key.wanted.key}].edges.push_back(&one);
    }
    for (const auto& [ends, one] : found) number(ends.first);
    for (const auto& [ends, one] : found) number(ends.second);
    std::vector<bundle> made;
    for (auto& [ends, one] : found) {
        one.from = number(ends.first);
        one.to = number(ends.second);
        for (const entry* each : one.edges) {
            std::vector<std::uint32_t> runs;
            std::set_union(one.runs.begin(), one.runs.end(), each->second.runs.begin(), each->second.runs.end(),
                           std::back_inserter(runs));
            one.runs = std::move(runs);
        }
        made.push_back(std::move(one));
    }
    nodes = numbers.size();
    return made;
}

bool one_run_has_all(const std::vector<const bundle*>& cycle) {
    std::vector<std::uint32_t> common = cycle.front()->runs;
    for (const bundle* one : cycle) {
        std::vector<std::uint32_t> kept;
        std::set_intersection(common.begin(), common.end(), one->runs.begin(), one->runs.end(),
                              std::back_inserter(kept));
        common = std::move(kept);
    }
    return !common.empty();
}

/// Two sides and the single lock that both hold, in conflicting modes.
struct common_guard {
    std::size_t first = 0;
    std::size_t second = 0;
    std::string key;
};

class chooser {
public:
    explicit chooser(const std::vector<const bundle*>& cycle) : cycle_{cycle} {}

    /// The strongest choice; nothing if shared meets shared in every one.
    bool choose() {
        pick_from(0);
        return found_;
    }

    verdict how_sure() const noexcept { return verdict_; }
    const std::vector<const entry*>& edges() const noexcept { return best_; }
    const std::optional<common_guard>& guard() const noexcept { return guard_; }
    std::size_t timed_side() const noexcept { return timed_; }

private:
    void pick_from(std::size_t side) {
        if (found_ && verdict_ == verdict::across_runs) return;
        if (side == cycle_.size()) {
            if (!picked_.empty() && conflict(*picked_.back(), *picked_.front())) weigh();
            return;
        }
        for (const entry* one : cycle_[side]->edges) {
            if (++picks_ > picks_max) return;
            if (!picked_.empty() && !conflict(*picked_.back(), *one)) continue;
            picked_.push_back(one);
            pick_from(side + 1);
            picked_.pop_back();
        }
    }

    static bool conflict(const entry& wants, const entry& holds) {
        return wants.first.wanted_mode == lock_mode::exclusive || holds.first.held_mode == lock_mode::exclusive;
    }

    std::optional<common_guard> guarded() const {
        for (std::size_t i = 0; i < picked_.size(); ++i)
            for (std::size_t j = i + 1; j < picked_.size(); ++j)
                for (const findings::guard_kind& a : picked_[i]->first.guards)
                    for (const findings::guard_kind& b : picked_[j]->first.guards)
                        if (a.key == b.key && (a.mode == lock_mode::exclusive || b.mode == lock_mode::exclusive))
                            return common_guard{i, j, a.key};
        return std::nullopt;
    }

    void weigh() {
        const std::optional<common_guard> guard = guarded();
        const auto timed =
            std::find_if(picked_.begin(), picked_.end(), [](const entry* one) { return one->first.timed; });
        verdict v = guard ? verdict::guarded : verdict::across_runs;
        if (timed != picked_.end()) v = verdict::escapable;
        if (found_ && verdict_ <= v) return;
        found_ = true;
        verdict_ = v;
        best_ = picked_;
        guard_ = guard;
        timed_ = static_cast<std::size_t>(timed - picked_.begin());
    }

    const std::vector<const bundle*>& cycle_;
    std::vector<const entry*> picked_;
    std::vector<const entry*> best_;
    std::optional<common_guard> guard_;
    std::size_t timed_ = 0;
    verdict verdict_ = verdict::across_runs;
    bool found_ = false;
    std::size_t picks_ = 0;
};

/// The locks and threads that findings speak of: a kind is the same lock in all of them.
class cast {
public:
    const findings::lock& lock_of(const std::string& key, const findings::lock& example) {
        const auto [it, fresh] = locks_.try_emplace(key, example);
        if (fresh) {
            it->second.id = first_id + locks_.size();
            it->second.address = 0;  // of one run
            if (!example.named_by_user) it->second.name = findings::without_indices(example.name);
        }
        return it->second;
    }
    findings::thread thread_of(findings::thread example) {
        example.id = first_id + ++threads_;
        return example;
    }

private:
    std::map<std::string, findings::lock> locks_;
    std::uint64_t threads_ = 0;
};

class teller {
public:
    teller(const findings::run_summary& all, const chooser& chosen, cast& of) : all_{all}, chosen_{chosen}, cast_{of} {}

    finding tell() {
        made_.kind = findings::kind::lock_order_cycle;
        made_.verdict = chosen_.how_sure();
        made_.severity = findings::severity_of(made_.kind, made_.verdict);
        for (const entry* one : chosen_.edges()) add(*one);
        set_wrapper_apart(made_);
        word();
        made_.id = findings::fingerprint(made_);
        return std::move(made_);
    }

private:
    std::uint64_t add_lock(const std::string& key, const findings::lock& example) {
        const findings::lock& one = cast_.lock_of(key, example);
        if (locks_.try_emplace(key, one.id).second) made_.locks.push_back(one);
        return one.id;
    }

    void add(const entry& one) {
        const findings::edge_example& from = one.second.example;
        findings::edge side = from.side;
        side.held = add_lock(one.first.held.key, from.held);
        side.wanted = add_lock(one.first.wanted.key, from.wanted);
        side.guards.clear();
        for (std::size_t i = 0; i < from.guards.size(); ++i)
            side.guards.push_back(add_lock(one.first.guards[i].key, from.guards[i]));
        made_.threads.push_back(cast_.thread_of(from.who));
        side.thread = made_.threads.back().id;
        made_.edges.push_back(std::move(side));
    }

    std::string run_text(std::size_t side) const {
        const findings::log_summary& log = all_.runs[made_.edges[side].log].log;
        const std::string program = log.program.substr(log.program.rfind('/') + 1);
        return program + " (pid=" + std::to_string(log.pid) + ')';
    }

    void word() {
        std::string which;
        for (std::size_t i = 0; i < made_.edges.size() && i < runs_told_max; ++i)
            which += (i == 0 ? "" : ", ") + findings::mention_lock(made_.edges[i].held) + " => " +
                     findings::mention_lock(made_.edges[i].wanted) + " in " + run_text(i);
        if (made_.edges.size() > runs_told_max) which += " and so on";
        const std::string apart = "no one run has all of its edges: " + which;
        if (made_.verdict == verdict::escapable)
            made_.why = findings::mention_thread(made_.edges[chosen_.timed_side()].thread) + "'s request for " +
                        findings::mention_lock(made_.edges[chosen_.timed_side()].wanted) +
                        " gives up by itself: it has a time-out; " + apart;
        else if (made_.verdict == verdict::guarded)
            made_.why = "both " + findings::mention_thread(made_.edges[chosen_.guard()->first].thread) + " and " +
                        findings::mention_thread(made_.edges[chosen_.guard()->second].thread) + " hold " +
                        findings::mention_lock(locks_.at(chosen_.guard()->key)) +
                        " when they make their requests, so only one of them can; " + apart;
        else
            made_.why = apart;
    }

    const findings::run_summary& all_;
    const chooser& chosen_;
    cast& cast_;
    finding made_;
    std::map<std::string, std::uint64_t> locks_;  // ids of the kinds in it
};

}  // namespace

std::vector<finding> across_runs(const findings::run_summary& all, std::uint64_t& not_listed) {
    const std::map<kind_edge, edge_seen> edges = findings::edges_by_kind(all);
    std::size_t nodes = 0;
    const std::vector<bundle> bundles = bundles_of(edges, nodes);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> links;
    links.reserve(bundles.size());
    for (const bundle& one : bundles) links.emplace_back(one.from, one.to);
    const std::vector<std::uint32_t> component = graph::strong_components(nodes, links);
    std::map<std::uint32_t, std::vector<std::size_t>> parts;  // least bundle first, whatever components are called
    std::map<std::uint32_t, std::uint32_t> named;
    for (std::size_t i = 0; i < bundles.size(); ++i) {
        if (component[bundles[i].from] != component[bundles[i].to]) continue;
        const auto [it, fresh] = named.try_emplace(component[bundles[i].from], static_cast<std::uint32_t>(i));
        parts[it->second].push_back(i);
    }
    std::vector<finding> made;
    cast told;
    for (const auto& [first, members] : parts) {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> inside;
        std::map<std::uint32_t, std::uint32_t> local;
        for (const std::size_t i : members)
            for (const std::uint32_t node : {bundles[i].from, bundles[i].to})
                local.try_emplace(node, static_cast<std::uint32_t>(local.size()));
        for (const std::size_t i : members) inside.emplace_back(local[bundles[i].from], local[bundles[i].to]);
        std::vector<std::uint32_t> order;
        const graph::digraph digraph = graph::make_digraph(local.size(), inside, order);
        const graph::cycle_list found = graph::shortest_cycles(digraph, {});
        not_listed += found.left_out + (!found.complete && found.left_out == 0 ? 1 : 0);
        for (const graph::cycle& walk : found.cycles) {
            std::vector<const bundle*> cycle;
            for (const std::uint32_t edge : walk) cycle.push_back(&bundles[members[order[edge]]]);
            if (one_run_has_all(cycle)) continue;
            chooser chosen{cycle};
            if (chosen.choose()) made.push_back(teller{all, chosen, told}.tell());
        }
    }
    return made;
}

}  // namespace interlock::analysis
