// Findings as data, by name: what golden reports are rendered from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/findings/finding.hpp"
#include "analysis/findings/lock_order.hpp"

namespace interlock::samples {

struct sample {
    std::string_view name;  // of the golden files
    findings::report_data data;
};

/// The report samples. `folder` stands in front of the source paths.
std::vector<sample> reports(const std::string& folder);

/// Alice and bob, as in the example program.
findings::report_data bank(const std::string& folder);

findings::lock_order graph(const std::string& folder);

}  // namespace interlock::samples
