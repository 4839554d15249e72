// Objects that declare themselves: interlock's own primitives and what users annotate carry their identity, name, class and rank in an
// interlock_object. No side table, no guessing: they are never copied, and their construction wipes what was there.
#pragma once

#include "instrument/recorder/interlock/recorder.hpp"
#include "instrument/recorder/objects.hpp"

namespace interlock::recorder {

/// Tells one life of the process (a forked child begins another) from any other; never 0 once recording.
extern constinit std::atomic<std::uint32_t> life;

/// Who this is; born at first sight, told with its name, class, rank and value. The agent is busy. `none`: no room for another.
format::object_id identify(agent& self, interlock_object& object, const call_point& from) noexcept;

/// The pthread mutex inside, which is the same lock, also to who locks it by its native handle. nullptr: there is none.
pthread_mutex_t* native_of(interlock_object& object) noexcept;

/// The same without giving birth.
format::object_id known(const interlock_object& object) noexcept;

/// A construction: the birth is told with its stack.
format::object_id begin_life(agent& self, interlock_object& object, const call_point& from) noexcept;
void end_life(agent& self, interlock_object& object, bool busy, const call_point& from) noexcept;

/// Tells name, class and rank (again).
void describe(agent& self, const interlock_object& object, format::object_id id, const call_point& from) noexcept;

/// The next number of a lock that is held, or of anything else before or after its step; 0 at level order.
std::uint32_t draw_of(const agent& self, interlock_object& object, format::object_id id) noexcept;

}  // namespace interlock::recorder
