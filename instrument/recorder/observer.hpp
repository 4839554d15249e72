// The one hook through which a second analysis in the same process (the race runtime) sees what the recorder sees: before and
// after each operation, and at allocation. No interposition of its own, one source of events (D12a).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "instrument/format/ids.hpp"

namespace interlock::recorder {

struct agent;

enum class observation : std::uint8_t {
    requested,
    acquired,
    not_acquired,
    releasing,
    agent_creating,
    agent_started,
    agent_exiting,
    agent_joined,
    signalling,  // post, notify, set, arrive: before it takes effect
    signalled,   // wait, wake, get, pass: after
    allocated,
    freeing,
};

/// Called on the thread of the operation, the agent busy. `object` is the object's or the other agent's number; for
/// allocations `address` and `size` are given. Must not lock, allocate or call back.
using observer_function = void (*)(observation what, agent& self, std::uint32_t object, std::uint8_t flags,
                                   std::uintptr_t address, std::size_t size) noexcept;

extern constinit std::atomic<observer_function> observer;

inline void notify_observer(observation what, agent& self, std::uint32_t object, std::uint8_t flags,
                            std::uintptr_t address = 0, std::size_t size = 0) noexcept {
    // acquire: pairs with the store that installs the observer, after its own state is ready
    if (const observer_function call = observer.load(std::memory_order_acquire); __builtin_expect(call != nullptr, 0))
        call(what, self, object, flags, address, size);
}

inline void notify_observer(observation what, agent& self, format::object_id object, std::uint8_t flags) noexcept {
    notify_observer(what, self, format::number(object), flags);
}

}  // namespace interlock::recorder
