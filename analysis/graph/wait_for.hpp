// Who can still go on, and who never will: the AND/OR wait-for graph and its reduction. Takes what each node needs, says which nodes
// are left when everything that can go on has gone on; what a node is (an agent, an object that anybody may signal) is left to
// the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace interlock::graph {

/// Thread-bound.
class wait_for_graph {
public:
    using node = std::uint32_t;

    /// A node that goes on by itself, until it is told to wait.
    node add();
    std::size_t size() const noexcept { return nodes_.size(); }

    /// `who` goes on once every one of these has: locks with several holders, a join. Told of nothing: it goes on by itself.
    void needs_all(node who, const std::vector<node>& of);
    /// `who` goes on once any one of these has: a condition, a semaphore. Told of nothing: it never does.
    void needs_any(node who, const std::vector<node>& of);

    /// By node: whether it can never go on. Cost: linear in needs.
    std::vector<bool> stuck() const;

private:
    enum class mode : std::uint8_t { free, all, any };
    struct state {
        mode waits = mode::free;
        std::size_t needs = 0;  // that have not gone on yet
        std::vector<node> needed_by;
    };
    void need(node who, mode how, const std::vector<node>& of);

    std::vector<state> nodes_;
};

}  // namespace interlock::graph
