// Which moment the present of a log, its state pages, is of.
#pragma once

#include <cstdint>

namespace interlock::analysis {

enum class moment : std::uint8_t {
    end,  // the log's last; nothing is said of the present while more is expected
    now,  // its process may be running: what stands still, stands still now
};

}  // namespace interlock::analysis
