// What orders threads: learnt from the recorder's hook, and from atomics at an address (atomics.cpp).
#pragma once

#include "instrument/race/thread.hpp"
#include "instrument/recorder/observer.hpp"

namespace interlock::race {

/// The recorder's observer_function.
void observe(recorder::observation what, recorder::agent& agent, std::uint32_t object, std::uint8_t flags,
             std::uintptr_t address, std::size_t size) noexcept;

/// From here on there may be more than one thread, or fibers: the calling thread is looked at.
void begin_looking() noexcept;

/// Orders by an address of the user's: annotations, guards.
void release_at(thread& self, std::uintptr_t address) noexcept;
void acquire_at(thread& self, std::uintptr_t address) noexcept;

/// Forked child: object ids begin anew.
void forget_objects() noexcept;

}  // namespace interlock::race
