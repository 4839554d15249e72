// The lock order of this process, kept while it runs: tells at each request whether it closes a cycle that is a potential deadlock, by the
// rules of analysis/detectors/cycle_ladder: distinct agents, requests that block each other, no common guard, nothing that orders them.
//
// The simple model is Goodlock (Havelund 2000; Bensalem and Havelund 2005): an edge for every lock held when another is wanted. Locks are kept in a
// topological order, changed by as little as each new edge asks for (Pearce and Kelly, A dynamic topological sort algorithm for directed acyclic
// graphs, 2006): as long as there is one, no request closes a cycle, and that is all the work. Only where an edge has none are requests looked at,
// with the moments of their agents; a new request can only close cycles through itself.
#pragma once

#include <cstdint>

#include "instrument/recorder/order_past.hpp"

namespace interlock::recorder {

/// An agent holds locks and wants one more, blocking.
struct order_request {
    static constexpr std::uint32_t held_max = 32;

    format::agent_id agent{};
    format::object_id wanted{};
    bool wanted_shared = false;
    std::uint32_t held_count = 0;
    std::uint32_t held_shared = 0;  // bit i: held[i] is held shared
    std::uint32_t guards_only =
        0;  // bit i: held[i] guards, but nobody waits for it as for a lock, as far as is known here
    format::object_id held[held_max] = {};
    std::uintptr_t site = 0;
};

/// One side of a cycle that was found: `agent` holds `kept`, which the side before wants.
struct order_cycle_side {
    const order_side* agent = nullptr;
    format::object_id kept{};
    format::object_id wanted{};
    std::uintptr_t site = 0;
};

struct order_cycle {
    static constexpr std::uint32_t sides_max = 16;
    std::uint32_t size = 0;  // 0: none
    order_cycle_side sides[sides_max] = {};

    /// The same for the same locks, wherever it begins.
    std::uint64_t key() const noexcept;
};

/// Thread-bound.
class order_graph {
public:
    explicit constexpr order_graph(arena& memory) noexcept : memory_{memory}, past_{memory} {}

    /// What orders agents, as it happens.
    void step(format::agent_id agent, format::event_kind what, std::uint32_t object) noexcept {
        past_.step(agent, what, object);
    }
    order_side* side(format::agent_id agent) noexcept { return past_.side(agent); }

    /// A request, each time that it is the first of its kind in its agent's segment (more often is no harm). True: it closes a cycle, the shortest
    /// of which is `found`. Cost: a lookup where the same was seen in this segment; else as said above.
    bool request(const order_request& what, order_cycle& found) noexcept;

    bool is_empty() const noexcept { return requests_ == 0; }
    /// A bound was met: nothing more can be told.
    bool is_exhausted() const noexcept { return lost_ || past_.is_exhausted(); }
    void reset() noexcept;

private:
    struct lock;
    struct edge;
    struct moment;
    struct known_request;
    struct holder;
    struct pick;
    class search;

    lock* lock_of(format::object_id id) noexcept;
    edge* edge_of(lock& held, lock& wanted) noexcept;
    bool insert(lock& held, lock& wanted) noexcept;
    bool is_in_cycle(edge& of) noexcept;
    bool visit_forward(lock& from, const lock& target, std::uint32_t order_max, lock*& reached) noexcept;
    void reorder(lock* behind, lock& held, std::uint32_t order_min) noexcept;
    known_request* known(const order_request& what, order_side& by, bool& may_close) noexcept;

    arena& memory_;
    order_past past_;
    hash_numbers locks_;
    hash_numbers edges_;
    hash_numbers known_;
    std::uint32_t lock_count_ = 0;
    std::uint32_t edge_count_ = 0;
    std::uint32_t requests_ = 0;
    std::uint32_t visit_ = 0;
    bool cyclic_ = false;  // some edge has no place in the order
    bool lost_ = false;
};

}  // namespace interlock::recorder
