// Which pairs of places cost most waiting, in bounded memory: a weighted Space-Saving summary (Metwally, Agrawal and El Abbadi,
// Efficient computation of frequent and top-k elements in data streams, ICDT 2005).
//
// A new pair that finds the table full takes the place of the one with the least weight and inherits it, as what it may have had
// before. Weights are never too low, too high by at most that, and any pair with more than 1/32 of all weight is in the table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "instrument/format/ids.hpp"

namespace interlock::analysis {

struct place_pair {
    format::site_id waited{};
    format::site_id held{};
    format::stack_id waited_from{};  // where `waited` is a library's place for all of the program
    friend bool operator==(const place_pair&, const place_pair&) = default;
};

struct counted_pair {
    place_pair places;
    std::uint64_t waits = 0;
    std::uint64_t wait_ns = 0;
    std::uint64_t inherited_ns = 0;  // how much of it may belong to others; 0: exact
    std::uint64_t longest_ns = 0;
    format::agent_id waiter{};  // of the longest
    format::agent_id holder{};
};

/// Value type. Cost of add: linear in the table.
class frequent_pairs {
public:
    static constexpr std::size_t size_max = 32;

    void add(const place_pair& places, std::uint64_t ns, format::agent_id waiter, format::agent_id holder) {
        counted_pair& one = entry_of(places);
        ++one.waits;
        one.wait_ns += ns;
        if (ns < one.longest_ns) return;
        one.longest_ns = ns;
        one.waiter = waiter;
        one.holder = holder;
    }

    /// Nothing if there are none.
    const counted_pair* worst() const noexcept {
        const auto at = std::max_element(pairs_.begin(), pairs_.end(), lighter);
        return at == pairs_.end() ? nullptr : &*at;
    }

private:
    static bool lighter(const counted_pair& a, const counted_pair& b) noexcept { return a.wait_ns < b.wait_ns; }

    counted_pair& entry_of(const place_pair& places) {
        const auto known =
            std::find_if(pairs_.begin(), pairs_.end(), [&](const counted_pair& one) { return one.places == places; });
        if (known != pairs_.end()) return *known;
        if (pairs_.size() < size_max) {
            pairs_.push_back({places, 0, 0, 0, 0, {}, {}});
            return pairs_.back();
        }
        counted_pair& least = *std::min_element(pairs_.begin(), pairs_.end(), lighter);
        least = {places, least.waits, least.wait_ns, least.wait_ns, 0, {}, {}};
        return least;
    }

    std::vector<counted_pair> pairs_;
};

}  // namespace interlock::analysis
