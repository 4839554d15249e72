// A lock released in the other mode than the one it is held in: unlock() of a shared hold, unlock_shared() of an exclusive one.
// Only an interface with two ways to unlock can do that; the release record's mode is the one that was asked for.
#pragma once

#include <optional>

#include "analysis/detectors/draft.hpp"
#include "analysis/detectors/held_now.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Precondition: `held` is the state before `e`.
std::optional<draft> unlock_wrong_mode(const trace::event& e, const held_now& held);

}  // namespace interlock::detectors
