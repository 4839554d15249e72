// Which stretches of agents are over before others begin, as far as the process has come: the events that order agents, followed as they
// happen. analysis/graph/segment_order does the same for a whole log; the rules are the contract's list (start, join, barrier, latch, once,
// event, future, task).
#pragma once

#include <cstdint>

#include "instrument/format/event.hpp"
#include "instrument/recorder/agent.hpp"
#include "instrument/recorder/order_clock.hpp"

namespace interlock::recorder {

/// An initialiser of a once flag, while an agent runs it. Who passes the flag goes on after what was requested and learnt inside, and not after
/// what the agent had done before: any other caller could have run it.
struct open_run {
    std::uint32_t once = 0;
    format::agent_id entry{};  // of clocks, for what is requested inside
    bool requested = false;
    order_clock before;  // the agent's past when it began
    open_run* outer = nullptr;
};

/// One agent's part. Outlives the agent.
struct order_side {
    format::agent_id id{};
    std::uint32_t segment = 0;  // that runs; counted from 1, and only where something was requested in the one before
    bool requested = false;     // in this segment
    order_clock past;           // what is over for it
    open_run* run = nullptr;    // the innermost initialiser that it runs
    char name[16] = "";
    std::uint32_t thread = 0;  // kernel thread id that ran it last; 0: not known
};

/// A bare hash of `value`, never 0.
inline std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value + 1) * 0x9E37'79B9'7F4A'7C15;
    value = (value ^ value >> 29) * 0xD6E8'FEB8'6659'FD93;
    return value == 0 ? 1 : value;
}

template <typename T>
T* pointer_in(const hash_numbers::entry& entry) noexcept {
    return reinterpret_cast<T*>(std::uintptr_t{entry.second} << 32 | entry.first);
}
inline void put_pointer(hash_numbers::entry& entry, const void* pointer) noexcept {
    const auto value = reinterpret_cast<std::uintptr_t>(pointer);
    entry.first = static_cast<std::uint32_t>(value);
    entry.second = static_cast<std::uint32_t>(value >> 32);
}

/// Thread-bound.
class order_past {
public:
    explicit constexpr order_past(arena& memory) noexcept : memory_{memory}, clocks_{memory} {}

    /// The agent's; nullptr: out of memory.
    order_side* side(format::agent_id agent) noexcept;

    /// `agent` does `what` on `object`, in numbers of the log. What orders nobody is nothing.
    void step(format::agent_id agent, format::event_kind what, std::uint32_t object) noexcept;

    /// Out of memory, or in a case that it cannot follow: what it says from here on may lack an order.
    bool is_exhausted() const noexcept { return lost_ || clocks_.is_exhausted(); }
    void reset() noexcept;

private:
    struct barrier;
    struct event;
    struct initialised;

    template <typename T>
    T* thing(format::event_kind kind, std::uint32_t object, bool make) noexcept;
    order_clock past_of(order_side& of) noexcept;
    void publish(format::agent_id agent, format::event_kind kind, std::uint32_t object) noexcept;
    void observe(format::agent_id agent, format::event_kind kind, std::uint32_t object) noexcept;
    void learn(format::agent_id agent, order_clock what) noexcept;
    void arrive(format::agent_id agent, std::uint32_t object) noexcept;
    void pass(format::agent_id agent, std::uint32_t object) noexcept;
    void set(format::agent_id agent, std::uint32_t object) noexcept;
    void begin_initialiser(format::agent_id agent, std::uint32_t once) noexcept;
    void end_initialiser(format::agent_id agent, std::uint32_t once, bool done) noexcept;
    void end_run(order_side& self, open_run& ended, bool done) noexcept;
    void pass_once(format::agent_id agent, std::uint32_t once) noexcept;

    arena& memory_;
    clock_store clocks_;
    hash_numbers sides_;
    hash_numbers things_;
    std::uint32_t runs_ = 0;
    bool lost_ = false;
};

}  // namespace interlock::recorder
