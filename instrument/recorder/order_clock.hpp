// Vector clocks (Mattern 1989) that are never changed: a tree of sixteen-fold branching over agents' numbers, new versions of which share
// all that is equal with the old ones. So a snapshot is a pointer, a join of two that have a common past costs what differs, and ten
// thousand agents that were born one after the other do not cost a hundred million numbers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "instrument/format/ids.hpp"
#include "instrument/recorder/arena.hpp"

namespace interlock::recorder {

struct clock_node;

/// For each agent the last of its segments that is over; 0: none. A value.
struct order_clock {
    const clock_node* root = nullptr;
    std::uint32_t height = 0;  // numbers below 16 to this power have a place

    std::uint32_t at(format::agent_id agent) const noexcept;
};

/// Makes clocks. What no clock refers to any more is not given back, so there is a bound. Thread-bound.
class clock_store {
public:
    explicit constexpr clock_store(arena& memory) noexcept : memory_{memory} {}

    /// `from` with at least `segment` for `agent`.
    order_clock raised(order_clock from, format::agent_id agent, std::uint32_t segment) noexcept;
    order_clock joined(order_clock a, order_clock b) noexcept;
    /// Every entry of `of` that is greater than in `base`, and no other.
    order_clock beyond(order_clock of, order_clock base) noexcept;

    /// The bound was met, or memory ran out: clocks made since may lack something.
    bool is_exhausted() const noexcept { return exhausted_; }
    void reset() noexcept {
        used_ = 0;
        exhausted_ = false;
    }

    static constexpr std::size_t bytes_max = std::size_t{64} << 20;

private:
    clock_node* make(bool leaf) noexcept;
    const clock_node* wrap(const clock_node* root) noexcept;
    void level(order_clock& a, order_clock& b) noexcept;
    const clock_node* raise(const clock_node* at, std::uint32_t level, std::uint32_t agent,
                            std::uint32_t segment) noexcept;
    const clock_node* join(const clock_node* a, const clock_node* b, std::uint32_t level) noexcept;
    const clock_node* difference(const clock_node* of, const clock_node* base, std::uint32_t level) noexcept;

    arena& memory_;
    std::size_t used_ = 0;
    bool exhausted_ = false;
};

}  // namespace interlock::recorder
