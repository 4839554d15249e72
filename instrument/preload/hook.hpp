// What every interposed function is made of: note, do, note. The note before and the note after are separate operations of the
// recorder, so that the real function runs outside of both and a signal handler in between is recorded like any other code.
// errno is never touched by a note.
#pragma once

#include "instrument/preload/real.hpp"
#include "instrument/preload/shared_objects.hpp"
#include "instrument/recorder/locks.hpp"
#include "instrument/recorder/observer.hpp"
#include "instrument/recorder/process.hpp"

#define INTERLOCK_HOOK extern "C" __attribute__((visibility("default")))

namespace interlock::preload {

using format::object_id;
using recorder::agent;
using recorder::call_point;
using recorder::here;

/// Runs `what(agent&)` as one operation, unless nothing is to be recorded. True: it ran.
template <typename What>
__attribute__((always_inline)) inline bool note(const call_point& from, What what) noexcept {
    agent* self = recorder::enter(from.stack_pointer);
    if (self == nullptr) return false;
    what(*self);
    recorder::leave(*self);
    return true;
}

/// This thread is about to wait for an object without an owner. One that is shared with other processes may be woken by these: that is
/// kept in the log. Inside of an operation.
template <typename Object>
void note_sharing(const Object* awaited) noexcept {
    if (is_shared(awaited)) recorder::process.log.add_status(format::process_status::shares_objects);
}

}  // namespace interlock::preload
