// Where a thread acquired a lock that it still holds. Nobody has written that down; but a std::lock_guard or one of its kind on the
// thread's own stack that refers to the lock was made there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/snapshot/image.hpp"
#include "analysis/snapshot/places.hpp"
#include "analysis/snapshot/unwinder.hpp"
#include "analysis/symbols/symboliser.hpp"

namespace interlock::snapshot {

/// The frames from the function whose guard refers to the lock at `address`, at the guard's line, outwards; empty: no such guard is
/// known. Precondition: the thread of `stack` holds the lock. Thread-bound.
std::vector<symbols::frame> held_at(const image& of, std::span<const frame> stack, std::uint64_t address,
                                    places& names);

}  // namespace interlock::snapshot
