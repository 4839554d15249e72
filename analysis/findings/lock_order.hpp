// A lock-order graph as data: what analysis hands on to be drawn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// "Some thread wanted `wanted` while it held `held`", all instances with the same modes together.
struct order_edge {
    std::uint64_t held = 0;    // lock::id
    std::uint64_t wanted = 0;  // lock::id
    lock_mode held_mode = lock_mode::exclusive;
    lock_mode wanted_mode = lock_mode::exclusive;
    bool blocking = true;  // false: only ever a plain try
    std::uint64_t occurrences = 1;
    std::vector<std::uint64_t> threads;  // thread::id, ascending
    stack wanted_stack;                  // of one instance
    bool in_cycle = false;               // both ends in one strong component
};

struct lock_order {
    std::vector<lock> locks;
    std::vector<thread> threads;
    std::vector<order_edge> edges;
    std::vector<log_summary> logs;
};

}  // namespace interlock::findings
