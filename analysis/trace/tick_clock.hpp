// What the time-stamp counter of a log counts: its frequency, from moments at which the recorder read it and CLOCK_MONOTONIC
// one after the other (the log's start and end, the begin of each chunk).
#pragma once

#include <cstdint>

namespace interlock::trace {

/// Value type. Precision: that of one reading of the two clocks, about 100 ns, over the time between the first and the last.
class tick_clock {
public:
    /// A moment that both clocks tell. Order does not matter.
    void add(std::uint64_t ticks, std::uint64_t monotonic_ns) noexcept;

    /// 0: unknown, since no two moments are a microsecond apart or the clocks contradict each other.
    double ticks_per_second() const noexcept;

    /// Seconds from the first moment to `ticks`; negative before it, 0 where the frequency is unknown.
    double seconds_at(std::uint64_t ticks) const noexcept;
    /// How long so many ticks take, in nanoseconds; 0 where unknown.
    double ns_of(std::uint64_t ticks) const noexcept;

private:
    struct pair {
        std::uint64_t ticks = 0;
        std::uint64_t ns = 0;
    };
    pair first_;
    pair last_;
    bool any_ = false;
};

}  // namespace interlock::trace
