// Findings that the user knows of, wherever he said so: suppression files, comments in the source, the baseline.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/findings/baseline.hpp"
#include "analysis/findings/finding.hpp"
#include "analysis/findings/source_comments.hpp"
#include "analysis/findings/suppressions.hpp"

namespace interlock::findings {

/// Thread-bound. What has expired is judged by the day on which it was made, UTC.
class known_findings {
public:
    explicit known_findings(source_comments::line_reader read);

    /// `text`: the content of the file `path`. Failure: one line with file, line and reason; the entries before that line count.
    [[nodiscard]] std::optional<std::string> add_suppressions(const std::string& path, const std::string& text);
    /// In the place of the baseline before.
    [[nodiscard]] std::optional<std::string> set_baseline(const std::string& path, const std::string& text);
    /// As these two, of files that are read now.
    [[nodiscard]] std::optional<std::string> add_suppressions(const std::string& path);
    [[nodiscard]] std::optional<std::string> set_baseline(const std::string& path);

    /// Sets finding::suppressed, suppressed_by and known. A finding is suppressed if all its instances are; else the strongest of the
    /// others is told in its place, and the suppressed ones are counted apart. Files first, then comments: an entry that is used is not
    /// told as unused because a comment says the same.
    void mark(report_data& data);

    /// Comments where the graph's edges came to be count as met: those that allow nothing are unused.
    void pass(const run_summary& graph);

    /// What so far came to nothing, one line each: entries that matched nothing, comments in the files of what was found and passed.
    std::vector<std::string> unused() const;
    /// Entries that have expired, comments that do not count.
    std::vector<std::string> problems() const;

private:
    explicit known_findings(source_comments::line_reader read, const std::string& today);
    finding marked(finding what);

    suppressions hidden_;
    source_comments allowed_;
    std::optional<baseline> before_;
};

}  // namespace interlock::findings
