// The logs of one run, as they appear: the program's and those of the processes that it starts. Told from others in their folder by
// the run's id in their headers, or, where nobody gave it one, by who forked whom.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>
#include <time.h>

#include "instrument/format/layout.hpp"

namespace interlock::live {

/// Thread-bound.
class run_logs {
public:
    /// `run` as in the headers.
    run_logs(std::string folder, std::array<std::uint64_t, 2> run) : folder_{std::move(folder)}, run_{run} {}
    /// Those of one process, of the processes that it forks, of theirs.
    run_logs(std::string folder, const format::file_header& first)
        : folder_{std::move(folder)}, run_{0, 0}, family_{{first.pid, first.start_ticks}} {}

    /// Those that were not there at the last call. Cost: one stat while the folder stays as it is, else a look into each new file.
    std::vector<std::string> new_ones();

private:
    bool is_ours(const format::file_header& header);

    std::string folder_;
    std::array<std::uint64_t, 2> run_;
    std::set<std::pair<std::uint32_t, std::uint64_t>> family_;  // processes by number and begin, where there is no id
    std::set<std::string> known_;                               // of the run, or of no interest
    std::map<std::string, int> tries_;  // files without a header yet: how often they were looked into
    timespec changed_{};
    bool again_ = true;  // some file had not begun, or may have come in the same instant
};

}  // namespace interlock::live
