// Data races, as the race runtime found them while the program ran: two accesses of the same bytes by different threads, one of them
// a write, which nothing orders (Lamport's happens-before). The process has judged; here its alarms become drafts.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Makes it unverifiable if synchronisation that could overturn it may be missing.
void lower_by(const damage& lost, draft& made);

class data_races {
public:
    /// An alarm of the process; other events are passed over. It tells of a defect again at 2, 4, 8 ... times.
    void see(const trace::event& e);

    /// One draft for each defect that the process told apart. Synchronisation that `lost` may hide makes it unverifiable.
    std::vector<draft> drafts(const damage& lost) const;

private:
    struct defect {
        format::race_payload race;
        std::uint64_t times = 0;
    };
    std::map<std::uint32_t, defect> defects_;  // by the process' number
};

}  // namespace interlock::detectors
