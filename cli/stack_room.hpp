// Debug information is read by functions with large frames (libdw), which a small limit of the stack does not leave room for.
#pragma once

#include <functional>

namespace interlock::cli {

/// Calls `work` where there is room on the stack: here, or, where the limit of this process is too small, on a thread of its own, which then
/// takes the signals. What `work` starts keeps the limit.
int with_stack_room(const std::function<int()>& work);

}  // namespace interlock::cli
