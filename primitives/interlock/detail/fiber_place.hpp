// Where fibers run on the calling thread. Included by <interlock/annotations.hpp>.
#pragma once

#include <interlock/detail/tools.hpp>
#include <interlock/recorder.hpp>

namespace interlock::blocks {

struct fiber_place {
    bool in_fiber = false;
    tools::fiber thread_tool{};      // the thread's own stack, as ThreadSanitizer knows it
    interlock_agent thread_agent{};  // the thread's own agent, while a fiber runs
    // Set by who leaves, got by who comes: that orders the two.
    interlock_object switches{0, nullptr, nullptr, 0, interlock_future, 0, 0, 0};
};

/// The calling thread's. A function of the library, never inlined: across a switch of stacks a compiler may take the thread-local address of the thread
/// before.
fiber_place& this_fiber_place() noexcept;

}  // namespace interlock::blocks
