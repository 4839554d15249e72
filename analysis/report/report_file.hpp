// Findings read back from JSON reports, to be compared.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::report {

/// A finding as a JSON report has it, as far as comparing two reports needs.
struct reported {
    std::string id;
    findings::kind kind{};
    findings::verdict verdict{};
    std::string message;
    bool suppressed = false;
};

/// The findings of a JSON report. Failure: one line with file, line and reason.
std::optional<std::string> read_report(std::string_view path, std::string_view text, std::vector<reported>& into);

}  // namespace interlock::report
