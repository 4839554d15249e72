// A vector clock over the segments of agents, shared where equal. Serves segment_order; knows nothing of events.
//
// Model: a map from agent to the number of its segments that lie in the past. The map is a radix tree of 16-way nodes that are
// never changed once shared (Driscoll et al., Making data structures persistent, 1989): copying a clock copies a pointer, and a
// join skips every subtree that both sides share. 10,000 threads that are born of each other's past so cost O(log n) each,
// where arrays would cost 10,000 words each.
#pragma once

#include <cstdint>
#include <memory>

namespace interlock::graph {

/// Value type, cheap to copy. Copies may be read in any thread; one object is thread-bound.
class clock {
public:
    /// Segments of `agent` that are known to be over; 0 if none. Cost: O(log agents).
    std::uint32_t at(std::uint32_t agent) const noexcept;

    /// Raises the entry of `agent` to `segments`; a smaller number changes nothing. Cost: O(log agents).
    void raise(std::uint32_t agent, std::uint32_t segments);

    /// Takes the greater of both for every agent. Returns whether anything changed. Cost: what differs.
    bool join(const clock& other);

    /// What this has beyond `base`: every entry that is greater here, none of the others. Cost: what differs.
    clock beyond(const clock& base) const;

    /// True if no agent has an entry.
    bool empty() const noexcept { return root_ == nullptr; }

private:
    struct node;
    using node_pointer = std::shared_ptr<const node>;

    static node_pointer raised(const node_pointer& from, std::uint32_t level, std::uint32_t agent,
                               std::uint32_t segments);
    static node_pointer joined(const node_pointer& left, const node_pointer& right, std::uint32_t level);
    static node_pointer difference(const node_pointer& of, const node_pointer& base, std::uint32_t level);
    void grow(std::uint32_t height);

    node_pointer root_;
    std::uint32_t height_ = 0;  // levels above the leaves
};

}  // namespace interlock::graph
