// The options that all commands share which make a report, and what they do with it.
#pragma once

#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/findings/finding.hpp"
#include "analysis/findings/known_findings.hpp"
#include "analysis/findings/run_summary.hpp"
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
    std::string baseline;        // empty: none
    std::string write_baseline;  // empty: none
    std::string lock_order;      // --lock-order; empty: none
    std::string fail_on = "warning";
    int exitcode = 66;
    std::string colour = "auto";
    std::string strip_path_prefix;
    bool quiet = false;  // no report to `otherwise` where there is nothing to tell
    std::map<std::string, std::string>
        texts;  // of the files to be read, by path: check() reads them, once, since a pipe has no twice
};

/// Adds the options to `app`, which fills `into` when it parses.
void add_report_options(CLI::App& app, report_options& into);

/// Those that need the lock-order graph, for commands that have one.
void add_graph_options(CLI::App& app, report_options& into);

/// A file, and whose it is as messages say it: "the log".
struct kept_file {
    std::string_view whose;
    std::string path;
};

/// Reads the files that the options name. Failure: one line of what is wrong with the options beyond their syntax, an unknown format, an
/// unreadable suppression file, one file for two things. `kept`: what no report may take the place of besides.
std::optional<std::string> check(report_options& chosen, const std::vector<kept_file>& kept = {});

/// The findings that these options and comments in the source call known. `failed`: one line with file, line and reason; what came
/// before it counts. Precondition of this and of deliver(): check() found nothing wrong.
findings::known_findings known_to(const report_options& chosen, std::optional<std::string>& failed);

/// Marks what is known, and says on stderr which entries match nothing, have expired, or do not count.
void mark(findings::known_findings& known, findings::report_data& data);

/// Applies suppressions, writes every report that was asked for (to `otherwise` where no file was) and sets `reached` to whether
/// something is at or above --fail-on. `graph` is held against the declared order, and goes into the baseline that is to be written. Failure: one line; as much as could be was written.
std::optional<std::string> deliver(findings::report_data data, const report_options& chosen, std::FILE* otherwise,
                                   bool& reached, const findings::run_summary& graph = {});

/// Whether deliver() needs the lock-order graph.
inline bool needs_graph(const report_options& chosen) {
    return !chosen.write_baseline.empty() || !chosen.lock_order.empty();
}

/// How reports look with these options on `where`.
report::options looks(const report_options& chosen, std::FILE* where);

}  // namespace interlock::cli
