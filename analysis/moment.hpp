// Of which part of a log findings are asked: which moment its present, the state pages, is of; which of its tests.
#pragma once

#include <cstdint>

namespace interlock::analysis {

enum class moment : std::uint8_t {
    end,  // the log's last; nothing is said of the present while more is expected
    now,  // its process may be running: what stands still, stands still now
};

/// A stretch of a process that runs tests: what it did under these marks, both included (0: in no test), after the moment at `since`, a
/// position that the analyser gave out. Where the same tests run in several rounds, each round stands for itself: `round` is the moment at which this
/// one began, and `first_round` the first; what came before that is of every round. Tests before `first` (0: all) were judged at the moment
/// `judged`: what is theirs and was not in the log by then, since its thread was still about to write it, is of this stretch.
struct mark_range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint64_t since = 0;
    std::uint64_t round = 0;
    std::uint64_t first_round = 0;
    std::uint64_t judged = ~std::uint64_t{0};

    bool is_late(std::uint32_t mark, std::uint64_t position) const noexcept {
        return mark != 0 && (first == 0 || mark < first) && position > judged;
    }
};

}  // namespace interlock::analysis
