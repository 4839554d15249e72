// How many findings of each severity a report tells.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "analysis/findings/finding.hpp"

namespace interlock::report {

struct tally {
    std::array<std::uint64_t, 3> by_severity{};  // of those that are told
    std::uint64_t suppressed = 0;
    std::uint64_t known = 0;  // to the baseline

    std::uint64_t of(findings::severity how_bad) const noexcept {
        return by_severity[static_cast<std::size_t>(how_bad)];
    }
    std::uint64_t told() const noexcept { return by_severity[0] + by_severity[1] + by_severity[2]; }
};

tally tally_of(const findings::report_data& data) noexcept;

/// `1 error`, `3 errors`.
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);
std::string counted(std::uint64_t number, std::string_view one);

/// `1 error, 0 warnings, 2 notes`, and the suppressed and known ones if there are any.
std::string as_words(const tally& all);

}  // namespace interlock::report
