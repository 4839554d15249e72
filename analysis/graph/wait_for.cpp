// Model: take away a node that can go on, with its edges; of those that needed it, one that needed any goes on too, one that needed
// all needs one less. What is left when nothing can be taken away is stuck (Holt, Some deadlock properties of computer
// systems, 1972; for the AND/OR model: Knapp, Deadlock detection in distributed databases, 1987).
#include "analysis/graph/wait_for.hpp"

#include <cassert>

namespace interlock::graph {

wait_for_graph::node wait_for_graph::add() {
    nodes_.emplace_back();
    return static_cast<node>(nodes_.size() - 1);
}

void wait_for_graph::need(node who, mode how, const std::vector<node>& of) {
    assert(nodes_[who].waits == mode::free);
    nodes_[who].waits = how;
    nodes_[who].needs = of.size();
    for (const node one : of) nodes_[one].needed_by.push_back(who);
}

void wait_for_graph::needs_all(node who, const std::vector<node>& of) { need(who, mode::all, of); }
void wait_for_graph::needs_any(node who, const std::vector<node>& of) { need(who, mode::any, of); }

std::vector<bool> wait_for_graph::stuck() const {
    std::vector<bool> left(nodes_.size(), true);
    std::vector<std::size_t> needs;
    std::vector<node> going;
    const auto go = [&](node who) {
        if (!left[who]) return;
        left[who] = false;
        going.push_back(who);
    };
    for (node who = 0; who < nodes_.size(); ++who) {
        needs.push_back(nodes_[who].needs);
        if (nodes_[who].waits == mode::free || (nodes_[who].waits == mode::all && needs[who] == 0)) go(who);
    }
    while (!going.empty()) {
        const node gone = going.back();
        going.pop_back();
        for (const node who : nodes_[gone].needed_by)
            if (nodes_[who].waits == mode::any || --needs[who] == 0) go(who);
    }
    return left;
}

}  // namespace interlock::graph
