// The options that all commands share which make a report, and what they do with it.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"
#include "cli/commands.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library is called so
class App;
}

namespace interlock::cli {

struct report_options {
    std::vector<std::string> formats;
    std::vector<std::string> files;  // --report; the n-th goes with the n-th --format
    std::vector<std::string> suppressions;
    std::string fail_on = "warning";
    int exitcode = 66;
    std::string colour = "auto";
    std::string strip_path_prefix;
    bool quiet = false;  // no report to `otherwise` where there is nothing to tell
};

/// Adds the options to `app`, which fills `into` when it parses.
void add_report_options(CLI::App& app, report_options& into);

/// One line of what is wrong with the options beyond their syntax: an unknown format, an unreadable suppression file. Nothing if all is well.
std::optional<std::string> check(const report_options& chosen);

/// Applies suppressions, writes every report that was asked for (to `otherwise` where no file was) and sets `reached` to whether
/// something is at or above --fail-on. Failure: one line; as much as could be was written.
std::optional<std::string> deliver(findings::report_data data, const report_options& chosen, std::FILE* otherwise,
                                   bool& reached);

/// How reports look with these options on `where`.
report::options looks(const report_options& chosen, std::FILE* where);

}  // namespace interlock::cli
