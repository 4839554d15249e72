// Findings that the user knows of: suppression files, comments in the source, the baseline.
#pragma once

#include <optional>
#include <string>

#include "analysis/findings/baseline.hpp"
#include "analysis/findings/finding.hpp"
#include "analysis/findings/suppressions.hpp"
#include "cli/report_options.hpp"

namespace interlock::cli {

/// A file that the user named, whole. Failure: one line.
std::optional<std::string> read_file(const std::string& path, std::string& text);

/// The day as suppressions count it: YYYY-MM-DD, UTC.
std::string today();

/// Thread-bound.
class known_findings {
public:
    known_findings() : hidden_{today()} {}

    /// Reads the files that were named. Failure: one line with file, line and reason; what came before it counts.
    [[nodiscard]] std::optional<std::string> load(const report_options& chosen);

    /// Marks what is known, and says on stderr which entries match nothing, have expired, or do not count.
    void mark(findings::report_data& data);

private:
    findings::suppressions hidden_;
    findings::baseline before_;
};

}  // namespace interlock::cli
