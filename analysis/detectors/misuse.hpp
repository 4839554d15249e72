// Misuse that one record tells by itself: the recorder saw it happen, with who and where. Each detector is a function of one
// event; its file stands beside its name. All are `observed`; what a damaged log lowers is done by lower_misuse().
#pragma once

#include <optional>

#include "analysis/detectors/draft.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// A lock released by an agent that does not hold it: held by another (unlock-not-owner) or by nobody (unlock-not-held).
/// Semaphores are left alone: to post without having waited is their use.
std::optional<draft> unlock_by_non_holder(const trace::event& e, format::object_type type);

/// A lock destroyed, or initialised again, while an agent holds it; but for semaphores, and for what a forked child makes anew.
std::optional<draft> lifetime_while_held(const trace::event& e, format::object_type type);

/// A thread that ended with a lock held. Leaving main and exit() are no thread exit: the recorder writes no such record then. Nobody's
/// are semaphores.
std::optional<draft> held_at_thread_exit(const trace::event& e, format::object_type type);

/// A broken promise that somebody gets, a task that waits in its own exhausted pool, a handler that keeps its loop, a lock held across
/// a suspension.
std::optional<draft> misuse_of_primitive(const trace::event& e);

/// A spin lock held for longer than its bound.
std::optional<draft> spinlock_held_long(const trace::event& e, format::object_type type);

/// What one event shows to have happened to its object, by its agent. `holder` is left open, and so is the stack of an event that has
/// none in its payload.
draft observed(findings::kind kind, const trace::event& e);

/// Where it happened, from a record of misuse: its stack, or else its site.
void set_place(draft& made, const trace::event& e);

/// Lowers what a gap in the log could overturn.
void lower_misuse(draft& made, const damage& lost);

}  // namespace interlock::detectors
