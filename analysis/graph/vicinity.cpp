#include "analysis/graph/vicinity.hpp"

#include <algorithm>

#include "analysis/graph/strong_components.hpp"

namespace interlock::graph {

/// One of the two searches, breadth first.
class vicinity::search {
public:
    search(const std::vector<lock_links>& links, bool onward) : links_{links}, onward_{onward} {}

    void start_at(node from) {
        if (seen_.insert(from).second) reached_.push_back(from);
    }
    /// Looks at the neighbours of one more lock. False: there was none left. `steps` grows by the cost.
    bool step() {
        if (next_ == reached_.size()) return false;
        const lock_links& here = links_[reached_[next_++]];
        const std::vector<node>& neighbours = onward_ ? here.after : here.before;
        for (const node to : neighbours) start_at(to);
        cost_ += 1 + neighbours.size();
        return true;
    }
    std::size_t cost() const noexcept { return cost_; }
    const std::vector<node>& reached() const noexcept { return reached_; }

private:
    const std::vector<lock_links>& links_;
    bool onward_;
    std::vector<node> reached_;
    std::unordered_set<node> seen_;
    std::size_t next_ = 0;
    std::size_t cost_ = 0;
};

vicinity::node vicinity::node_of(resource what) {
    const auto [it, fresh] = nodes_.try_emplace(key_of(what), static_cast<node>(links_.size()));
    if (fresh) links_.emplace_back();
    return it->second;
}

void vicinity::link(node from, node to) {
    if (!known_.insert(std::uint64_t{from} << 32 | to).second) return;
    links_[from].after.push_back(to);
    links_[to].before.push_back(from);
}

void vicinity::catch_up(const lock_graph& graph) {
    const held_paths& paths = graph.paths();
    for (; paths_seen_ < paths.size(); ++paths_seen_) {
        const path_id path{paths_seen_};
        const node here = node_of(paths.innermost(path).what);
        if (const path_id parent = paths.parent(path); parent != path_id::empty)
            link(node_of(paths.innermost(parent).what), here);
    }
    for (; dependencies_seen_ < graph.size(); ++dependencies_seen_) {
        const dependency_index index{dependencies_seen_};
        const dependency& d = graph.at(index);
        const node held = node_of(graph.paths().innermost(d.held).what);
        const node wanted = node_of(d.wanted);
        link(held, wanted);
        links_[held].held_innermost.push_back(index);
        links_[wanted].wanted.push_back(index);
    }
}

std::vector<dependency_index> vicinity::around(const lock_graph& graph, std::span<const dependency_index> some) {
    catch_up(graph);
    search on{links_, true};
    search back{links_, false};
    const auto held_node = [&](dependency_index i) { return node_of(graph.paths().innermost(graph.at(i).held).what); };
    for (const dependency_index each : some) {
        on.start_at(node_of(graph.at(each).wanted));
        back.start_at(held_node(each));
    }
    search* ended = nullptr;
    while (ended == nullptr) {
        search& turn = on.cost() <= back.cost() ? on : back;
        if (!turn.step()) ended = &turn;
    }
    // Their strong components, by numbers of their own.
    std::unordered_map<node, std::uint32_t> inside;
    for (const node each : ended->reached()) inside.emplace(each, static_cast<std::uint32_t>(inside.size()));
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (const auto& [from, number] : inside)
        for (const node to : links_[from].after)
            if (const auto it = inside.find(to); it != inside.end()) pairs.emplace_back(number, it->second);
    const std::vector<std::uint32_t> component = strong_components(inside.size(), pairs);
    const auto component_of = [&](dependency_index i) {
        const auto from = inside.find(held_node(i));
        const auto to = inside.find(node_of(graph.at(i).wanted));
        const bool whole = from != inside.end() && to != inside.end() && from != to;
        return whole && component[from->second] == component[to->second] ? component[to->second] : UINT32_MAX;
    };
    std::unordered_set<std::uint32_t> wanted;
    for (const dependency_index each : some)
        if (const std::uint32_t of = component_of(each); of != UINT32_MAX) wanted.insert(of);
    std::vector<dependency_index> made;
    if (wanted.empty()) return made;
    for (const node each : ended->reached())
        for (const dependency_index i : links_[each].wanted)
            if (wanted.contains(component_of(i))) made.push_back(i);
    std::sort(made.begin(), made.end());
    return made;
}

}  // namespace interlock::graph
