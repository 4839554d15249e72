// Of which part of a log findings are asked: which moment its present, the state pages, is of; which of its tests.
#pragma once

#include <cstdint>

namespace interlock::analysis {

enum class moment : std::uint8_t {
    end,  // the log's last; nothing is said of the present while more is expected
    now,  // its process may be running: what stands still, stands still now
};

/// Marks of tests in a log, both included.
struct mark_range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
};

}  // namespace interlock::analysis
