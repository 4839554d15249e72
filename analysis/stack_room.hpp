// Debug information is read by functions with large frames (libdw), which a small stack does not leave room for: be it that of a thread whose
// maker was sparing, or one under a small limit.
#pragma once

#include <functional>

namespace interlock::analysis {

/// Calls `work` where there is room on the stack: here, or, where less than 4 MiB are left, on a stack of 8 MiB of its own. On this thread
/// either way: to signals, thread-local variables and the recorder nothing is different. What `work` throws is thrown here.
/// Where there is no memory for the stack, `work` runs here. Cost: a few system calls where the stack is small; else a comparison,
/// but for a thread's first call. Thread-safe.
void with_stack_room(const std::function<void()>& work);

}  // namespace interlock::analysis
