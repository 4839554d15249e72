// Check-then-act, as the race runtime saw it while the program ran (instrument/race/sections.hpp): its alarms become drafts.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

class atomicity_violations {
public:
    /// An alarm of the process; other events are passed over.
    void see(const trace::event& e);

    /// One draft for each check and act: `observed` where another's write came between, else `potential`, which is a hint.
    std::vector<draft> drafts(const damage& lost) const;

private:
    struct defect {
        format::race_payload sides;  // the act, and the other thread's write
        format::stack_id check{};
        bool came_between = false;
        std::uint64_t times = 0;
    };
    std::map<std::uint32_t, defect> defects_;  // by the process' number
};

}  // namespace interlock::detectors
