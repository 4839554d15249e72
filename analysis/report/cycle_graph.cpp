#include "analysis/report/cycle_graph.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "analysis/report/naming.hpp"

namespace interlock::report {

using findings::finding;

namespace {

/// Which findings belong together: disjoint sets with path halving.
class groups {
public:
    explicit groups(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
    std::size_t of(std::size_t i) noexcept {
        while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
        return i;
    }
    /// The smaller number stands for both.
    void join(std::size_t a, std::size_t b) noexcept {
        a = of(a);
        b = of(b);
        parent_[std::max(a, b)] = std::min(a, b);
    }

private:
    std::vector<std::size_t> parent_;
};

class builder {
public:
    void add(const finding& what, std::size_t index) {
        for (const findings::edge& side : what.edges) node_of(what, side.held);
        for (const findings::edge& side : what.edges) {
            const std::size_t from = node_of(what, side.held);
            const std::size_t to = node_of(what, side.wanted);
            const auto [at, is_new] = arcs_.try_emplace({from, to}, made_.arcs.size());
            if (is_new) made_.arcs.push_back({from, to, what.severity, {}, {}});
            cycle_graph::arc& arc = made_.arcs[at->second];
            arc.worst = std::max(arc.worst, what.severity);
            arc.threads.insert(thread_name(what, side.thread));
            arc.told_by.insert(index);
        }
    }
    cycle_graph take() { return std::move(made_); }

private:
    std::size_t node_of(const finding& what, std::uint64_t lock) {
        const auto [at, is_new] = nodes_.try_emplace(lock, made_.nodes.size());
        if (is_new) made_.nodes.push_back({lock, lock_name(what, lock)});
        return at->second;
    }

    cycle_graph made_;
    std::map<std::uint64_t, std::size_t> nodes_;
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> arcs_;
};

}  // namespace

std::vector<cycle_graph> cycle_graphs(const findings::report_data& data) {
    groups together(data.findings.size());
    std::map<std::uint64_t, std::size_t> first_with;  // lock to finding
    const auto is_drawn = [](const finding& one) { return one.is_told() && !one.edges.empty(); };
    for (std::size_t i = 0; i < data.findings.size(); ++i) {
        if (!is_drawn(data.findings[i])) continue;
        for (const findings::edge& side : data.findings[i].edges)
            for (const std::uint64_t lock : {side.held, side.wanted})
                together.join(i, first_with.try_emplace(lock, i).first->second);
    }
    std::map<std::size_t, builder> made;
    for (std::size_t i = 0; i < data.findings.size(); ++i)
        if (is_drawn(data.findings[i])) made[together.of(i)].add(data.findings[i], i);
    std::vector<cycle_graph> out;
    out.reserve(made.size());
    for (auto& [first, one] : made) out.push_back(one.take());
    return out;
}

}  // namespace interlock::report
