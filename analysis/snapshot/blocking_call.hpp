// Which function of the C library a thread waits in, from the names of its innermost frames; where the C library left by a jump and its
// own frame is gone, from the call instruction before the return address.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "analysis/snapshot/image.hpp"
#include "analysis/snapshot/places.hpp"
#include "analysis/snapshot/unwinder.hpp"

namespace interlock::snapshot {

enum class call : std::uint8_t {
    unknown,
    mutex_lock,
    rwlock_read,
    rwlock_write,
    condition_wait,
    semaphore_wait,
    barrier_wait,
    join,
    once,
    static_guard,
};

/// What a function of glibc or libstdc++ does, whatever the library calls it inside: `__GI___pthread_mutex_lock`,
/// `__new_sem_wait_slow64.constprop.0`. Reentrant.
call call_named(std::string_view function);

struct blocking_call {
    call what = call::unknown;
    std::string function;  // that the program called, as libraries export it; empty: unknown
};

/// Precondition: `stack` is of a thread in futex(2), innermost first. Thread-bound.
blocking_call find_call(const image& of, std::span<const frame> stack, places& names);

}  // namespace interlock::snapshot
