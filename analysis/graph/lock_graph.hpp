// The lock-order graph: an edge from each held lock to the lock that is wanted meanwhile (Goodlock, Havelund 2000, generalised).
// Fed with dependencies as the log has them, asked for the strong components that can hold cycles. What a cycle means is left to
// analysis/detectors.
//
// A dependency with n locks held stands for n edges. Since each of these locks was itself requested while the ones before it on
// the path were held, the innermost hold alone, and the steps of the paths, keep every reachability; strong components are made
// from these, and the other edges only inside them. So 10,000 nested locks stay linear.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "analysis/graph/cycles.hpp"
#include "analysis/graph/held_paths.hpp"
#include "analysis/graph/segment_order.hpp"

namespace interlock::graph {

/// An agent holds a path and wants one more lock. `flags`: lock_flags of the request.
struct dependency {
    format::agent_id agent{};
    path_id held = path_id::empty;
    resource wanted;
    std::uint8_t flags = 0;
    format::site_id site{};
    format::stack_id stack{};
    friend bool operator==(const dependency&, const dependency&) = default;
};

/// A dependency of this graph, in the order of their first appearance.
enum class dependency_index : std::uint32_t {};

/// One way in which an edge came to be: the dependency, and the step of its path that is the edge's held lock.
struct way {
    dependency_index dependency{};
    path_id step = path_id::empty;
    bool blocking = true;  // false: a plain try, which never waits
};

/// Locks that reach each other. Edge numbers of `links` index `ways`.
struct component {
    std::vector<resource> locks;         // by node number, ascending
    digraph links;                       // without parallel edges
    std::vector<std::vector<way>> ways;  // of each edge, at least one
};

/// What the graph cannot know by itself. Each function may be empty: then nothing is excluded.
struct edge_rules {
    /// False for what turned out to be no lock (a semaphore that others release).
    std::function<bool(resource)> is_lock;
    /// Whether a try counts as a request that can block after all.
    std::function<bool(const dependency&)> try_blocks;
    /// Whether a request or hold with these flags and this stack was made by std::lock or its kind.
    std::function<bool(std::uint8_t flags, format::stack_id)> is_grouped;
};

/// Strong components of the graph, as far as the bound on edges reaches.
struct components {
    std::vector<component> blocking;  // made of blocking edges alone
    std::vector<component> all;       // made of tries too: for counting what is harmless
    bool complete = true;             // false: edges were left out
};

/// All instances of an edge with the same modes.
struct edge_count {
    resource held;
    resource wanted;
    bool held_shared = false;
    bool wanted_shared = false;
    bool any_blocking = false;
    std::uint64_t moments = 0;
    std::vector<format::agent_id> agents;  // ascending
    dependency_index example{};
};

/// Thread-bound. Memory: linear in what was added, plus the edges of components while they are asked for.
class lock_graph {
public:
    held_paths& paths() noexcept { return paths_; }
    const held_paths& paths() const noexcept { return paths_; }

    /// Precondition: `what.held` is of paths() and not empty. Equal dependencies give equal indices.
    dependency_index add(const dependency& what, const moment& when);
    /// Precondition: `index` came from add().
    void again(dependency_index index, const moment& when);

    /// From here on what is added or seen again is kept, for seen_after().
    void keep_seen() noexcept { keeps_seen_ = true; }
    /// One of them was seen at this moment, and it was known once position `known_at` was.
    struct sighting {
        std::uint64_t known_at = 0;
        std::uint64_t position = 0;
        std::uint32_t mark = 0;
        dependency_index dependency{};
    };
    /// At least those that were seen after this position, in the order in which they came to be known. Precondition: keep_seen() came first.
    std::span<const sighting> seen_after(std::uint64_t position) const noexcept;

    const dependency& at(dependency_index index) const noexcept { return entries_[number(index)].what; }
    /// When it was seen, in order.
    std::span<const moment> moments(dependency_index index) const noexcept { return entries_[number(index)].moments; }
    std::size_t size() const noexcept { return entries_.size(); }

    /// `among`: only these dependencies count, ascending (see vicinity.hpp).
    components cyclic(const edge_rules& rules, std::size_t edges_max = 1'000'000,
                      std::optional<std::span<const dependency_index>> among = std::nullopt) const;

    /// Every edge, for drawing, ordered by its ends and modes; at most `edges_max`, and `complete` is cleared if some are left out.
    std::vector<edge_count> edges(const edge_rules& rules, std::size_t edges_max, bool& complete) const;

    /// Every way of every edge, in order of their first appearance, until `sink` returns false. Returns whether all were given.
    bool each_edge(const edge_rules& rules, const std::function<bool(const way&)>& sink) const;

    static constexpr std::uint32_t number(dependency_index index) noexcept { return static_cast<std::uint32_t>(index); }

private:
    struct entry {
        dependency what;
        std::vector<moment> moments;
    };

    void keep(dependency_index index, const moment& when);

    held_paths paths_;
    std::vector<entry> entries_;
    std::unordered_multimap<std::uint64_t, dependency_index> known_;  // hash of the dependency
    bool keeps_seen_ = false;
    std::vector<sighting> seen_;  // known_at ascends
};

}  // namespace interlock::graph
