// Model: edges = { (h, d.wanted) : d a dependency, h on d's path }, minus those that the rules exclude. Twice strong components:
// over the reduced graph, so that all edges are written out only where a cycle is possible, and over what was written out.
#include "analysis/graph/lock_graph.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <tuple>
#include <unordered_set>

#include "analysis/graph/strong_components.hpp"

namespace interlock::graph {

namespace {

using link = std::pair<std::uint32_t, std::uint32_t>;

/// Resources as dense numbers, ascending.
class numbering {
public:
    void mention(resource what) { sorted_.push_back(what); }
    void settle() {
        std::sort(sorted_.begin(), sorted_.end());
        sorted_.erase(std::unique(sorted_.begin(), sorted_.end()), sorted_.end());
    }
    std::uint32_t of(resource what) const noexcept {
        return static_cast<std::uint32_t>(std::lower_bound(sorted_.begin(), sorted_.end(), what) - sorted_.begin());
    }
    std::size_t size() const noexcept { return sorted_.size(); }
    resource at(std::uint32_t node) const noexcept { return sorted_[node]; }

private:
    std::vector<resource> sorted_;
};

std::uint64_t hash_of(const dependency& d) noexcept {
    std::uint64_t hash = (key_of(d.wanted) + (std::uint64_t{number(d.agent)} << 33)) * 0x9E37'79B9'7F4A'7C15;
    hash ^= (hash >> 31) + held_paths::number(d.held);
    hash *= 0xBF58'476D'1CE4'E5B9;
    hash ^= (hash >> 30) + (std::uint64_t{number(d.stack)} << 28 ^ std::uint64_t{number(d.site)} << 8 ^ d.flags);
    return hash * 0x94D0'49BB'1331'11EB;
}

bool is_try(std::uint8_t flags) noexcept { return (flags & format::lock_flags::attempt) != 0; }

/// One edge that is written out.
struct written {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    way how;
};

/// The edges of one graph under one set of rules.
class writer {
public:
    writer(const lock_graph& graph, const edge_rules& rules) : graph_{graph}, paths_{graph.paths()}, rules_{rules} {}

    bool is_lock(resource what) const { return !rules_.is_lock || rules_.is_lock(what); }
    bool is_grouped(std::uint8_t flags, format::stack_id stack) const {
        return (flags & format::lock_flags::grouped) != 0 || (rules_.is_grouped && rules_.is_grouped(flags, stack));
    }

    /// Whether the dependency makes edges at all.
    bool counts(const dependency& d) const {
        return (d.flags & format::lock_flags::reentrant) == 0 && is_lock(d.wanted) && !paths_.holds(d.held, d.wanted);
    }

    /// A group acquisition locks its first lock and tries the others, and begins anew where a try fails: what was held before
    /// the group may wait for each of the group's, the group's own locks wait for none of it.
    path_id before_group(const dependency& d) const {
        path_id step = d.held;
        if (!is_try(d.flags)) return step;
        while (step != path_id::empty) {
            const hold& h = paths_.innermost(step);
            if (!is_grouped(h.flags, h.stack)) break;
            step = paths_.parent(step);
            if (!is_try(h.flags)) break;  // the group's first
        }
        return step;
    }

    /// Calls sink(step, blocking) for each edge, innermost hold first, until it returns false.
    template <typename Sink>
    void for_each_edge(const dependency& d, Sink&& sink) const {
        if (!counts(d)) return;
        path_id step = d.held;
        bool blocking = !is_try(d.flags);
        if (!blocking && is_grouped(d.flags, d.stack)) {
            // Within the group it is a plain try: counted, and never waits.
            const path_id before = before_group(d);
            for (; step != before; step = paths_.parent(step)) {
                if (is_lock(paths_.innermost(step).what) && !sink(step, false)) return;
            }
            blocking = true;
        }
        if (!blocking && rules_.try_blocks) blocking = rules_.try_blocks(d);
        for (; step != path_id::empty; step = paths_.parent(step)) {
            if (!is_lock(paths_.innermost(step).what)) continue;
            if (!sink(step, blocking)) return;
        }
    }

    const lock_graph& graph_;
    const held_paths& paths_;
    const edge_rules& rules_;
};

/// What is looked at: dependencies, and the steps that their held paths are made of. Both ascending.
struct part {
    std::vector<dependency_index> dependencies;
    std::vector<path_id> steps;
};

part whole(const lock_graph& graph) {
    part made;
    made.dependencies.reserve(graph.size());
    for (std::uint32_t i = 0; i < graph.size(); ++i) made.dependencies.push_back(dependency_index{i});
    made.steps.reserve(graph.paths().size());
    for (std::uint32_t i = 1; i < graph.paths().size(); ++i) made.steps.push_back(path_id{i});
    return made;
}

part part_of(const lock_graph& graph, std::span<const dependency_index> among) {
    part made;
    made.dependencies.assign(among.begin(), among.end());
    std::unordered_set<std::uint32_t> known;
    for (const dependency_index each : among)
        for (path_id step = graph.at(each).held; step != path_id::empty; step = graph.paths().parent(step)) {
            if (!known.insert(held_paths::number(step)).second) break;
            made.steps.push_back(step);
        }
    std::sort(made.steps.begin(), made.steps.end());
    return made;
}

/// The reduced graph: which component each node is in, and which components have more than one node.
struct reduction {
    std::vector<std::uint32_t> component_of;  // of each node
    std::vector<std::uint32_t> size;          // of each component
};

reduction reduce(const writer& w, const part& of, const numbering& nodes) {
    reduction made;
    std::vector<link> links;
    const held_paths& paths = w.paths_;
    for (const path_id step : of.steps)
        if (const path_id parent = paths.parent(step); parent != path_id::empty)
            links.emplace_back(nodes.of(paths.innermost(parent).what), nodes.of(paths.innermost(step).what));
    for (const dependency_index i : of.dependencies) {
        const dependency& d = w.graph_.at(i);
        links.emplace_back(nodes.of(paths.innermost(d.held).what), nodes.of(d.wanted));
    }
    made.component_of = strong_components(nodes.size(), links);
    made.size.resize(nodes.size());
    for (const std::uint32_t component : made.component_of) ++made.size[component];
    return made;
}

/// All edges inside components of the reduced graph, as far as the bound allows. Dependencies with few locks held come first;
/// once half of the bound is used, a dependency gives only its innermost edge and those that close a cycle of two with an edge that
/// is there already. So where thousands of locks are nested, an inversion among them is still found in its shortest form.
std::vector<written> write_out(const writer& w, const part& of, const numbering& nodes, const reduction& reduced,
                               std::size_t edges_max, bool& complete) {
    std::vector<std::uint32_t> order;
    for (const dependency_index i : of.dependencies) {
        if (reduced.size[reduced.component_of[nodes.of(w.graph_.at(i).wanted)]] > 1)
            order.push_back(lock_graph::number(i));
    }
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        const auto depth = [&](std::uint32_t i) { return w.paths_.depth(w.graph_.at(dependency_index{i}).held); };
        return depth(a) < depth(b);
    });
    std::vector<written> made;
    std::vector<std::vector<std::uint32_t>> after(nodes.size());  // targets of the edges made so far
    std::vector<std::uint32_t> marked(nodes.size(), UINT32_MAX);
    for (const std::uint32_t i : order) {
        const dependency& d = w.graph_.at(dependency_index{i});
        const std::uint32_t to = nodes.of(d.wanted);
        const bool sparing = made.size() + w.paths_.depth(d.held) > edges_max / 2;
        if (sparing) {
            for (const std::uint32_t next : after[to]) marked[next] = i;
        }
        bool innermost = true;
        w.for_each_edge(d, [&](path_id step, bool blocking) {
            const std::uint32_t from = nodes.of(w.paths_.innermost(step).what);
            if (reduced.component_of[from] != reduced.component_of[to]) return true;
            if ((sparing && !innermost && marked[from] != i) || made.size() == edges_max) {
                complete = false;
                return made.size() < edges_max;
            }
            innermost = false;
            made.push_back({from, to, {dependency_index{i}, step, blocking}});
            after[from].push_back(to);
            if (!sparing || !after[to].empty()) return true;
            complete = complete && w.paths_.parent(step) == path_id::empty;
            return false;
        });
    }
    return made;
}

component make_component(std::vector<written>& edges, std::size_t begin, std::size_t end, const numbering& nodes) {
    component made;
    numbering inside;
    for (std::size_t i = begin; i < end; ++i) {
        inside.mention(nodes.at(edges[i].from));
        inside.mention(nodes.at(edges[i].to));
    }
    inside.settle();
    made.locks.reserve(inside.size());
    for (std::uint32_t v = 0; v < inside.size(); ++v) made.locks.push_back(inside.at(v));
    std::vector<link> links;
    std::vector<std::vector<way>> ways;
    for (std::size_t i = begin; i < end; ++i) {
        const link pair{inside.of(nodes.at(edges[i].from)), inside.of(nodes.at(edges[i].to))};
        if (links.empty() || links.back() != pair) {
            links.push_back(pair);
            ways.emplace_back();
        }
        ways.back().push_back(edges[i].how);
    }
    std::vector<std::uint32_t> order;
    made.links = make_digraph(inside.size(), links, order);
    made.ways.resize(ways.size());
    for (std::size_t edge = 0; edge < order.size(); ++edge) made.ways[edge] = std::move(ways[order[edge]]);
    return made;
}

/// The strong components of the edges written out; edges between components are dropped.
std::vector<component> split(std::vector<written> edges, const numbering& nodes) {
    std::vector<link> links;
    links.reserve(edges.size());
    for (const written& e : edges) links.emplace_back(e.from, e.to);
    const std::vector<std::uint32_t> raw = strong_components(nodes.size(), links);
    // Components in order of their least lock, so that the result does not hang on how Boost numbers them.
    std::vector<std::uint32_t> least(nodes.size(), UINT32_MAX);
    for (std::uint32_t v = 0; v < nodes.size(); ++v) least[raw[v]] = std::min(least[raw[v]], v);
    std::erase_if(edges, [&](const written& e) { return raw[e.from] != raw[e.to]; });
    std::stable_sort(edges.begin(), edges.end(), [&](const written& a, const written& b) {
        return std::tuple(least[raw[a.from]], a.from, a.to) < std::tuple(least[raw[b.from]], b.from, b.to);
    });
    std::vector<component> made;
    for (std::size_t begin = 0, end = 0; begin < edges.size(); begin = end) {
        while (end < edges.size() && raw[edges[end].from] == raw[edges[begin].from]) ++end;
        made.push_back(make_component(edges, begin, end, nodes));
    }
    return made;
}

numbering number_all(const lock_graph& graph, const part& of) {
    numbering nodes;
    for (const path_id step : of.steps) nodes.mention(graph.paths().innermost(step).what);
    for (const dependency_index i : of.dependencies) nodes.mention(graph.at(i).wanted);
    nodes.settle();
    return nodes;
}

}  // namespace

dependency_index lock_graph::add(const dependency& what, const moment& when) {
    assert(what.held != path_id::empty);
    const std::uint64_t hash = hash_of(what);
    const auto [first, last] = known_.equal_range(hash);
    for (auto it = first; it != last; ++it) {
        if (entries_[number(it->second)].what != what) continue;
        again(it->second, when);
        return it->second;
    }
    const auto index = static_cast<dependency_index>(entries_.size());
    entries_.push_back({what, {when}});
    keep(index, when);
    known_.emplace(hash, index);
    return index;
}

void lock_graph::keep(dependency_index index, const moment& when) {
    if (!keeps_seen_) return;
    const std::uint64_t before = seen_.empty() ? 0 : seen_.back().known_at;
    seen_.push_back({std::max(before, when.position), when.position, when.mark, index});
}

std::span<const lock_graph::sighting> lock_graph::seen_after(std::uint64_t position) const noexcept {
    const auto begin = std::upper_bound(seen_.begin(), seen_.end(), position,
                                        [](std::uint64_t at, const sighting& one) { return at < one.known_at; });
    return {begin, seen_.end()};
}

void lock_graph::again(dependency_index index, const moment& when) {
    keep(index, when);
    std::vector<moment>& seen = entries_[number(index)].moments;
    // Within one segment nothing can tell two moments apart but the requests of the agent itself: the first and the last do.
    if (seen.size() >= 2 && seen.back().segment == when.segment && seen[seen.size() - 2].segment == when.segment) {
        seen.back() = when;
    } else {
        seen.push_back(when);
    }
}

components lock_graph::cyclic(const edge_rules& rules, std::size_t edges_max,
                              std::optional<std::span<const dependency_index>> among) const {
    components made;
    const part of = among ? part_of(*this, *among) : whole(*this);
    const numbering nodes = number_all(*this, of);
    const writer w{*this, rules};
    const reduction reduced = reduce(w, of, nodes);
    std::vector<written> edges = write_out(w, of, nodes, reduced, edges_max, made.complete);
    std::vector<written> blocking;
    blocking.reserve(edges.size());
    std::copy_if(edges.begin(), edges.end(), std::back_inserter(blocking),
                 [](const written& e) { return e.how.blocking; });
    made.blocking = split(std::move(blocking), nodes);
    made.all = split(std::move(edges), nodes);
    return made;
}

bool lock_graph::each_edge(const edge_rules& rules, const std::function<bool(const way&)>& sink) const {
    const writer w{*this, rules};
    bool more = true;
    for (std::uint32_t i = 0; i < size() && more; ++i) {
        w.for_each_edge(at(dependency_index{i}), [&](path_id step, bool blocking) {
            more = sink({dependency_index{i}, step, blocking});
            return more;
        });
    }
    return more;
}

std::vector<edge_count> lock_graph::edges(const edge_rules& rules, std::size_t edges_max, bool& complete) const {
    std::map<std::tuple<resource, resource, bool, bool>, edge_count> found;
    const writer w{*this, rules};
    for (std::uint32_t i = 0; i < size(); ++i) {
        const dependency& d = at(dependency_index{i});
        w.for_each_edge(d, [&](path_id step, bool blocking) {
            const hold& h = paths_.innermost(step);
            const std::tuple key{h.what, d.wanted, is_shared(h.flags), is_shared(d.flags)};
            auto it = found.find(key);
            if (it == found.end()) {
                if (found.size() == edges_max) {
                    complete = false;
                    return false;
                }
                edge_count fresh;
                std::tie(fresh.held, fresh.wanted, fresh.held_shared, fresh.wanted_shared) = key;
                fresh.example = dependency_index{i};
                it = found.emplace(key, std::move(fresh)).first;
            }
            edge_count& e = it->second;
            e.moments += entries_[i].moments.size();
            e.any_blocking = e.any_blocking || blocking;
            const auto place = std::lower_bound(e.agents.begin(), e.agents.end(), d.agent);
            if (place == e.agents.end() || *place != d.agent) e.agents.insert(place, d.agent);
            return true;
        });
    }
    std::vector<edge_count> made;
    made.reserve(found.size());
    for (auto& [key, e] : found) made.push_back(std::move(e));
    return made;
}

}  // namespace interlock::graph
