// How long many things took, in bounded memory: counts by length, from which quantiles are read with a bounded relative error.
//
// A log-linear histogram: each power of two is cut into 64 buckets of equal width, so a bucket is at most 1/64 of its lower end
// wide, and its middle is within 1/128 of every value in it. The idea is that of Gil Tene's HdrHistogram; that the relative error of
// any quantile is then bounded, and that histograms may be merged without loss, is shown for the logarithmic kind by Masson, Rim
// and Lee, DDSketch (VLDB 2019). Values below 128 are exact.
//
// Buckets are kept sorted, those in use alone: a lock that was waited for five times costs five of them, and never more than 3,776.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace interlock::analysis {

/// Thread-bound. Values are nanoseconds.
class duration_histogram {
public:
    static constexpr double relative_error_max = 1.0 / 128;

    /// Cost: a binary search among the buckets in use.
    void add(std::uint64_t ns);
    void merge(const duration_histogram& other);

    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t total() const noexcept { return total_; }  // exact, saturating
    std::uint64_t max() const noexcept { return max_; }      // exact
    /// The least value that at least `share` of all do not exceed, within relative_error_max. 0 if there are none.
    /// Precondition: 0 < share <= 1.
    std::uint64_t quantile(double share) const noexcept;

private:
    struct bucket {
        std::uint32_t index = 0;
        std::uint64_t count = 0;
    };

    void add(std::uint32_t index, std::uint64_t count);

    std::vector<bucket> buckets_;  // ascending
    std::uint64_t count_ = 0;
    std::uint64_t total_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace interlock::analysis
