// The door for a second analysis in this process: libinterlock-race asks here, by name.
#include "instrument/recorder/observer.hpp"

#include "instrument/preload/hook.hpp"

/// Precondition: this library's constructor has run, which comes before all others.
INTERLOCK_HOOK const interlock::recorder::observer_services* interlock_observe(
    interlock::recorder::observer_function call) {
    if (!interlock::recorder::process.recording.load(std::memory_order_acquire)) return nullptr;
    interlock::recorder::install_observer(call);
    return &interlock::recorder::services;
}
