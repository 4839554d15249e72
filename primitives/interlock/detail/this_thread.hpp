// What is done to the calling thread, in both modes.
#pragma once

namespace interlock::blocks {

/// Names it to the kernel, as far as 15 bytes go.
void name_this_thread(const char* name) noexcept;

/// Runs `what(argument)` when it has ended, after the destructors of its thread-local objects. Throws std::bad_alloc.
void at_thread_exit(void (*what)(void*) noexcept, void* argument);

}  // namespace interlock::blocks
