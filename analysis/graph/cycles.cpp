// Model: for each node s, the cycles whose smallest node is s are the simple walks from s back to s over nodes > s. Iterative
// deepening A* (Korf 1985) with the exact distance to s as its estimate walks only where a cycle of the length in question can
// still close; a queue over (next possible length, s) makes the order shortest first over all s. Johnson (1975) and Hawick
// (2008) list all cycles in an order of their own, and a graph can have more cycles than anybody waits for.
#include "analysis/graph/cycles.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <queue>

namespace interlock::graph {

namespace {

constexpr std::uint32_t unreachable = std::numeric_limits<std::uint32_t>::max();

class search {
public:
    search(const digraph& graph, const cycle_bounds& bounds, const walk_filter& allowed)
        : graph_{graph},
          bounds_{bounds},
          allowed_{allowed},
          distance_(graph.nodes(), unreachable),
          on_walk_(graph.nodes()) {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> backwards;
        backwards.reserve(graph.edges());
        for (std::uint32_t v = 0; v < graph.nodes(); ++v) {
            for (std::uint32_t e = graph.first[v]; e < graph.first[v + 1]; ++e)
                backwards.emplace_back(graph.target[e], v);
        }
        std::vector<std::uint32_t> order;
        reversed_ = make_digraph(graph.nodes(), backwards, order);
    }

    cycle_list run() {
        using turn = std::pair<std::uint32_t, std::uint32_t>;  // length, start
        std::priority_queue<turn, std::vector<turn>, std::greater<>> turns;
        for (std::uint32_t s = 0; s < graph_.nodes(); ++s) turns.emplace(1, s);
        while (!turns.empty() && steps_left()) {
            const auto [length, start] = turns.top();
            turns.pop();
            measure(start, std::bit_ceil(length));
            const std::uint32_t next = walk_from(start, length);
            for (const std::uint32_t v : touched_) distance_[v] = unreachable;
            if (next != unreachable) turns.emplace(next, start);
        }
        if (!turns.empty() || found_.left_out > 0) found_.complete = false;
        return std::move(found_);
    }

private:
    bool steps_left() const noexcept { return steps_ < bounds_.steps_max; }

    /// Fills distance_ with the edges needed to come back to `start` over nodes >= start, as far as `horizon`: in a great
    /// component the short cycles are found without walking all of it.
    void measure(std::uint32_t start, std::uint32_t horizon) {
        horizon_ = horizon;
        truncated_ = false;
        touched_.assign(1, start);
        distance_[start] = 0;
        for (std::size_t head = 0; head < touched_.size(); ++head) {
            const std::uint32_t v = touched_[head];
            if (distance_[v] == horizon) {
                truncated_ = true;
                break;
            }
            for (std::uint32_t e = reversed_.first[v]; e < reversed_.first[v + 1]; ++e) {
                ++steps_;
                const std::uint32_t from = reversed_.target[e];
                if (from < start || distance_[from] != unreachable) continue;
                distance_[from] = distance_[v] + 1;
                touched_.push_back(from);
            }
        }
    }

    /// Gives out the cycles of exactly `length` from `start`. Returns the least greater length that may have one.
    std::uint32_t walk_from(std::uint32_t start, std::uint32_t length) {
        std::uint32_t next_length = unreachable;
        std::vector<std::uint32_t> edge_at{graph_.first[start]};  // next edge to try of each node on the walk
        std::vector<std::uint32_t> node_at{start};
        walk_.clear();
        on_walk_[start] = true;
        while (!node_at.empty() && steps_left()) {
            const std::uint32_t v = node_at.back();
            const auto depth = static_cast<std::uint32_t>(walk_.size());
            if (edge_at.back() == graph_.first[v + 1]) {
                on_walk_[v] = false;
                node_at.pop_back();
                edge_at.pop_back();
                if (!walk_.empty()) walk_.pop_back();
                continue;
            }
            const std::uint32_t edge = edge_at.back()++;
            const std::uint32_t to = graph_.target[edge];
            ++steps_;
            if (to < start || (to != start && on_walk_[to])) continue;
            if (distance_[to] == unreachable && !truncated_) continue;
            const std::uint32_t least = depth + 1 + std::min(distance_[to], horizon_ + 1);
            if (least > length) {
                next_length = std::min(next_length, least);
                continue;
            }
            if (to == start) {
                if (least == length && is_allowed(edge)) give_out(edge);
                continue;
            }
            if (!is_allowed(edge)) continue;
            walk_.push_back(edge);
            node_at.push_back(to);
            edge_at.push_back(graph_.first[to]);
            on_walk_[to] = true;
        }
        for (const std::uint32_t v : node_at) on_walk_[v] = false;
        return next_length;
    }

    bool is_allowed(std::uint32_t edge) const { return !allowed_ || allowed_(walk_, edge); }

    void give_out(std::uint32_t closing) {
        if (found_.cycles.size() == bounds_.listed_max) {
            ++found_.left_out;
            return;
        }
        cycle made(walk_.begin(), walk_.end());
        made.push_back(closing);
        found_.cycles.push_back(std::move(made));
    }

    const digraph& graph_;
    const cycle_bounds& bounds_;
    const walk_filter& allowed_;
    digraph reversed_;
    std::vector<std::uint32_t> distance_;
    std::vector<std::uint32_t> touched_;
    std::vector<char> on_walk_;
    std::vector<std::uint32_t> walk_;
    std::uint32_t horizon_ = 0;
    bool truncated_ = false;  // there may be nodes beyond the horizon
    std::uint64_t steps_ = 0;
    cycle_list found_;
};

}  // namespace

std::uint32_t digraph::source(std::uint32_t edge) const noexcept {
    return static_cast<std::uint32_t>(std::upper_bound(first.begin(), first.end(), edge) - first.begin() - 1);
}

digraph make_digraph(std::size_t nodes, std::span<const std::pair<std::uint32_t, std::uint32_t>> pairs,
                     std::vector<std::uint32_t>& order) {
    digraph made;
    made.first.assign(nodes + 1, 0);
    for (const auto& [from, to] : pairs) {
        assert(from < nodes && to < nodes);
        ++made.first[from + 1];
    }
    for (std::size_t v = 0; v < nodes; ++v) made.first[v + 1] += made.first[v];
    made.target.resize(pairs.size());
    order.resize(pairs.size());
    std::vector<std::uint32_t> place(made.first.begin(), made.first.end());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const std::uint32_t edge = place[pairs[i].first]++;
        made.target[edge] = pairs[i].second;
        order[edge] = static_cast<std::uint32_t>(i);
    }
    return made;
}

cycle_list shortest_cycles(const digraph& graph, const cycle_bounds& bounds, const walk_filter& allowed) {
    return search{graph, bounds, allowed}.run();
}

}  // namespace interlock::graph
