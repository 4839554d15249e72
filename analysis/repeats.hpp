// Which lock operations say nothing new: the same agent acquires the same lock in the same way in the same segment again and again,
// and all but the first tell order, writers and signals nothing. A table of what was met lately, not of everything: what was
// pushed out of it is looked at once more, which does no harm. Serves log_analysis.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/trace/event.hpp"

namespace interlock::analysis {

/// Thread-bound. Memory: 256 KiB.
class repeats {
public:
    repeats() : met_(size) {}

    /// Whether `e`, in a situation that `bare` tells apart, was met lately; it is met from here on.
    bool seen(const trace::event& e, bool bare) {
        const entry now{std::uint64_t{number(e.agent)} << 32 | e.object,
                        std::uint64_t{e.segment} << 32 | epoch_ << 9 | std::uint64_t{bare} << 8 | e.flags};
        entry& place = met_[(now.who * 0x9E37'79B9'7F4A'7C15 ^ now.how * 0xD6E8'FEB8'6659'FD93) >> shift];
        if (place.who == now.who && place.how == now.how) return true;
        place = now;
        return false;
    }

    /// What everything hangs on has changed (a signal mask): nothing was met yet.
    void forget() {
        if (++epoch_ < epoch_limit) return;
        epoch_ = 1;
        met_.assign(size, {});
    }

private:
    struct entry {
        std::uint64_t who = 0;  // agent and object; no agent is 0
        std::uint64_t how = 0;  // segment, epoch, bare, flags
    };
    static constexpr unsigned shift = 64 - 14;
    static constexpr std::size_t size = std::size_t{1} << 14;
    static constexpr std::uint64_t epoch_limit = std::uint64_t{1} << 23;

    std::vector<entry> met_;
    std::uint64_t epoch_ = 1;
};

}  // namespace interlock::analysis
