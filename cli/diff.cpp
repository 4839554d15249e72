// interlock diff: what changed between two logs, reports, summaries or baselines.
#include <algorithm>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "analysis/findings/baseline.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/findings/severity.hpp"
#include "analysis/findings/text_file.hpp"
#include "analysis/report/difference.hpp"
#include "analysis/report/report_file.hpp"
#include "analysis/report/summary_file.hpp"
#include "cli/analysed_logs.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/output.hpp"
#include "cli/parsing.hpp"

namespace interlock::cli {
namespace {

/// What the file tells, whichever kind it is. Failure: one line.
std::optional<std::string> read(const std::string& path, findings::baseline& into) {
    const std::string begin = findings::begin_of(path, 256);
    const std::size_t word = begin.find_first_not_of(" \t\r\n");
    const bool is_json = word != std::string::npos && begin[word] == '{' && !report::is_summary(begin);
    if (!is_json && !findings::is_baseline(begin)) {
        const analysed_logs analysed = analyse({path}, wanted::findings_and_graph);
        if (!analysed.problems.empty()) return analysed.problems.front();
        into = findings::baseline_of(analysed.data, analysed.graph);
        return std::nullopt;
    }
    std::string text;
    if (auto failed = findings::read_file(path, text)) return failed;
    if (!is_json) return findings::read_baseline(path, text, into);
    std::vector<report::reported> all;
    if (auto failed = report::read_report(path, text, all)) return failed;
    for (report::reported& one : all)
        if (!one.suppressed) into.findings[one.id] = {one.kind, one.verdict, std::move(one.message)};
    return std::nullopt;
}

}  // namespace

int diff_command(const arguments& given) {
    CLI::App app("Tells which findings are new, gone and still there, and which edges of the lock-order graph are new.",
                 "interlock diff");
    std::string before;
    std::string now;
    std::string format = "text";
    std::string fail_on = "warning";
    int exitcode = exit_status::findings;
    app.add_option("OLD", before, "A log, a JSON report, a summary or a baseline")->required()->type_name("");
    app.add_option("NEW", now, "The same, later")->required()->type_name("");
    app.add_option("--format", format, "text (default) or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json"}));
    app.add_option(
           "--fail-on", fail_on,
           "Least severity of a new finding that makes the exit status: error, warning (default), note or never")
        ->type_name("SEVERITY")
        ->check(CLI::IsMember({"error", "warning", "note", "never"}))
        ->default_str("");
    app.add_option("--exitcode", exitcode, "That exit status (66)")
        ->type_name("N")
        ->check(CLI::Range(0, 255))
        ->default_str("");
    if (const auto ended = parse(app, "diff", given, exit_status::wrong_call)) return *ended;
    findings::baseline old_state;
    findings::baseline new_state;
    for (const auto& [path, into] : {std::pair(&before, &old_state), std::pair(&now, &new_state)})
        if (const auto failed = read(*path, *into)) return say(*failed), exit_status::unusable_log;
    const findings::difference found = compare(old_state, new_state);
    const std::string text = format == "json" ? report::difference_as_json(found) : report::difference_as_text(found);
    output to;
    to.add(text);
    if (const auto unwritten = to.finish("the difference")) return say(*unwritten), exit_status::own_error;
    const auto least = findings::severity_named(fail_on);
    const bool reached = least && std::any_of(found.fresh.begin(), found.fresh.end(), [&](const auto& one) {
                             return severity_of(one.second.kind, one.second.verdict) >= *least;
                         });
    return reached ? exitcode : exit_status::clean;
}

}  // namespace interlock::cli
