#include "analysis/duration_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace interlock::analysis {
namespace {

constexpr unsigned bits = 6;
constexpr std::uint64_t per_octave = std::uint64_t{1} << bits;

// A value of n significant bits keeps its upper seven; the octave is how many it lost.
std::uint32_t index_of(std::uint64_t value) noexcept {
    if (value < 2 * per_octave) return static_cast<std::uint32_t>(value);
    const auto octave = static_cast<unsigned>(std::bit_width(value)) - bits - 1;
    return static_cast<std::uint32_t>(octave * per_octave + (value >> octave));
}

std::uint64_t middle_of(std::uint32_t index) noexcept {
    if (index < 2 * per_octave) return index;
    const std::uint64_t octave = index / per_octave - 1;
    const std::uint64_t upper = index - octave * per_octave;
    return (upper << octave) + ((std::uint64_t{1} << octave) >> 1);
}

std::uint64_t saturating(std::uint64_t a, std::uint64_t b) noexcept { return a + b < a ? UINT64_MAX : a + b; }

}  // namespace

void duration_histogram::add(std::uint32_t index, std::uint64_t count) {
    const auto at = std::lower_bound(buckets_.begin(), buckets_.end(), index,
                                     [](const bucket& one, std::uint32_t sought) { return one.index < sought; });
    if (at != buckets_.end() && at->index == index)
        at->count += count;
    else
        buckets_.insert(at, {index, count});
}

void duration_histogram::add(std::uint64_t ns) {
    add(index_of(ns), 1);
    ++count_;
    total_ = saturating(total_, ns);
    max_ = std::max(max_, ns);
}

void duration_histogram::merge(const duration_histogram& other) {
    for (const bucket& one : other.buckets_) add(one.index, one.count);
    count_ += other.count_;
    total_ = saturating(total_, other.total_);
    max_ = std::max(max_, other.max_);
}

std::uint64_t duration_histogram::quantile(double share) const noexcept {
    assert(share > 0 && share <= 1);
    if (count_ == 0) return 0;
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t before = 0;
    for (const bucket& one : buckets_) {
        before += one.count;
        if (before >= rank) return std::min(middle_of(one.index), max_);
    }
    return max_;
}

}  // namespace interlock::analysis
