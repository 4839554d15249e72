// The want of an operation that is about to block, or may: with the time, and where it is called from, since nothing else of the log may
// tell that of a thread that never comes back. Not for the way of a free lock. Thread-bound; the agent is busy.
#pragma once

#include "instrument/recorder/holds.hpp"

namespace interlock::recorder {

/// As set_want(), with the time and up to twelve callers where the stack has room to unwind. Cost: that of a short unwinding.
void set_blocking_want(agent& self, format::object_id object, std::uint8_t flags, format::event_kind operation,
                       const call_point& from) noexcept;

}  // namespace interlock::recorder
