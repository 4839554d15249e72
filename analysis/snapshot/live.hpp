// An image of a running process. Only threads that wait in futex(2) are stopped, all of them at the same time, for as long as it
// takes to copy their registers, stacks and locks: what the image says of who waits for whom was true at one moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/snapshot/image.hpp"

namespace interlock::snapshot {

/// Thread-bound. Failure: one line that says why, and how to mend it: no such process, no permission to trace it, traced by
/// another, not of this machine's kind; `into` is then of no use. Cost: while stopped, microseconds a thread; memory: at most 256 MiB
/// of stacks. The process goes on as it was.
[[nodiscard]] std::optional<std::string> take(std::uint64_t pid, image& into);

}  // namespace interlock::snapshot
