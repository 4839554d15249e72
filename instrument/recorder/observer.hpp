// The one hook through which a second analysis in the same process (the race runtime) sees what the recorder sees: before and
// after each operation that orders threads. No interposition of locks of its own, one source of events (D12a).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "instrument/format/ids.hpp"
#include "instrument/format/payload.hpp"

namespace interlock::recorder {

struct agent;
struct options;
class message;

enum class observation : std::uint8_t {
    requested,
    acquired,
    not_acquired,
    releasing,  // also by who does not hold it
    agent_creating,
    agent_started,  // on the new thread; of a forked child too
    agent_ended,    // its thread is gone; told by whoever noticed
    agent_joined,
    agent_detached,
    signalling,     // post, set, arrive, done: before it takes effect
    signalled,      // wait, get, pass: after
    barrier_sized,  // `size`: parties
    object_begun,   // initialised; `size`: the call's return address
    object_ended,   // destroyed; the same
    handler_given,  // a signal's handler is about to be installed; `object`: the signal's number
    handler_entered,
};

/// Called on the thread of the operation, the agent busy. `object` is the object's or the other agent's number, `address` the
/// object's, `size` of a lock's operation, an arrival or a notification the call's return address. Must not lock what the program locks, allocate or call back but for the services below.
using observer_function = void (*)(observation what, agent& self, std::uint32_t object, std::uint8_t flags,
                                   std::uintptr_t address, std::size_t size) noexcept;

extern __attribute__((visibility("hidden"))) constinit std::atomic<observer_function> observer;

inline void notify_observer(observation what, agent& self, std::uint32_t object, std::uint8_t flags,
                            std::uintptr_t address = 0, std::size_t size = 0) noexcept {
    // acquire: pairs with the store that installs the observer, after its own state is ready
    if (const observer_function call = observer.load(std::memory_order_acquire); __builtin_expect(call != nullptr, 0))
        call(what, self, object, flags, address, size);
}

/// The same of an object, with its address.
void notify_observer(observation what, agent& self, format::object_id object, std::uint8_t flags,
                     std::size_t size = 0) noexcept;

/// What the recorder does for the second analysis, which is another library: libinterlock.so hands this out with
/// interlock_observe(). Every function is thread-safe; those with an agent need it entered.
struct observer_services {
    agent* (*enter)(std::uintptr_t stack_pointer) noexcept;  // nullptr: nothing is to be recorded now
    void (*leave)(agent& self) noexcept;
    format::stack_id (*intern_stack)(agent& self, const std::uint64_t* frames, std::size_t count) noexcept;
    void (*write_race)(agent& self, std::uint32_t defect, std::uint32_t times,
                       const format::race_payload& race) noexcept;
    void (*write_atomicity)(agent& self, std::uint32_t defect, std::uint32_t times, std::uint8_t flags,
                            const format::race_payload& race, const format::access_payload& check) noexcept;
    format::object_type (*type_of)(format::object_id object) noexcept;
    const options* settings;
    /// findings.hpp. Precondition: `self` is entered.
    void (*announce)(const char* kind, const message& report, bool printed) noexcept;
};

/// Installs `call` for good and tells agents that somebody listens from now on.
void install_observer(observer_function call) noexcept;
extern const observer_services services;

/// The name and type of libinterlock.so's door: nullptr if nothing is recorded in this process.
inline constexpr char observe_symbol[] = "interlock_observe";
using observe_function = const observer_services* (*)(observer_function call);

}  // namespace interlock::recorder
