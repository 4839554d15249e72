// What an initialisation that happens once notes, for pthread_once, call_once and the guards of static locals: held like a lock while
// its initialiser runs; who finds it done for the first time goes on after it. Both are recorded at either level.
#pragma once

#include "instrument/preload/hook.hpp"

namespace interlock::preload {

/// The flag's object. A flag that has not begun although its object is done is a new flag at an old address. `none`: it was done
/// before anybody looked, or there is no room.
object_id identify_once(agent& self, const volatile void* flag, bool done, format::object_type type,
                        const call_point& from) noexcept;

/// Before the real call of who may run the initialiser, or wait for another who does (`running`).
void request_once(agent& self, object_id id, bool running, const call_point& from) noexcept;
/// This agent runs the initialiser, from now on until it has ended or thrown.
void once_begun(agent& self, object_id id, const call_point& from) noexcept;
void once_done(agent& self, object_id id, const call_point& from) noexcept;
void once_aborted(agent& self, object_id id, const call_point& from) noexcept;
/// Another had run it.
void once_passed(agent& self, object_id id, const call_point& from) noexcept;

/// pthread_once or call_once: `flag` is glibc's, `real_once` one of its functions.
int run_once(int* flag, void (*routine)(), int (*real_once)(int*, void (*)()), const call_point& from);

}  // namespace interlock::preload
