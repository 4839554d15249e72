// SIGBUS: what the kernel sends a program whose mapped log somebody has cut, and what it sends for the program's own mappings.
#pragma once

#include <signal.h>

namespace interlock::preload {

/// From now on a fault in the log is mended and no other fault is touched. Not if the program inherited SIGBUS as ignored. Once.
void guard_log() noexcept;

/// sigaction(SIGBUS, ...) and signal(SIGBUS, ...) as the program knows them: same results, its handler called for all faults but ours.
int set_fault_action(const struct sigaction* action, struct sigaction* old) noexcept;
sighandler_t set_fault_handler(sighandler_t handler, sighandler_t (*real_signal)(int, sighandler_t)) noexcept;

}  // namespace interlock::preload
