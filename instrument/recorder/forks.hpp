// Forked children: a child shares the parent's memory as it was and the parent's log as it is, and must not write there. It is told by
// the wiped generation word at its first operation, and then begins a log of its own; one that only execs begins none.
#pragma once

#include "instrument/recorder/process.hpp"

namespace interlock::recorder {

/// Before fork(): keeps a copy of what this thread holds, since the child cannot trust the shared state page.
void prepare_fork(agent& self) noexcept;
/// After it, in the parent.
void note_fork(agent& self, int child) noexcept;

/// In the child, at its first operation: a fresh recorder. False: nothing will be recorded.
bool start_in_child() noexcept;

/// Opens the log and the tables (process.cpp).
bool open_log(std::uint64_t parent_start_ticks) noexcept;

}  // namespace interlock::recorder
