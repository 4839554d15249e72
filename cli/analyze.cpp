// interlock analyze: logs to a report, on a later day or another machine.
#include <cstdio>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/analysed_logs.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/parsing.hpp"
#include "cli/report_options.hpp"

namespace interlock::cli {

int analyze_command(const arguments& given) {
    CLI::App app("Analyses logs together and reports: one log, those of one run's processes, or those of many runs.",
                 "interlock analyze");
    std::vector<std::string> logs;
    report_options reported;
    app.add_option("LOG", logs, "The logs")->required()->type_name("");
    add_report_options(app, reported);
    add_graph_options(app, reported);
    app.add_flag("--quiet", reported.quiet, "Print no report where there is nothing to tell");
    if (const auto ended = parse(app, "analyze", given, exit_status::wrong_call)) return *ended;
    std::vector<kept_file> kept;
    for (const std::string& log : logs) kept.push_back({"the log", log});
    if (const auto wrong = check(reported, kept)) return say_wrong_call("analyze", *wrong), exit_status::wrong_call;
    analysed_logs analysed = analyse(logs, needs_graph(reported) ? wanted::findings_and_graph : wanted::findings);
    for (const std::string& problem : analysed.problems) say(problem);
    if (analysed.problems.size() == logs.size()) return exit_status::unusable_log;
    bool reached = false;
    if (const auto failed = deliver(std::move(analysed.data), reported, stdout, reached, analysed.graph))
        return say(*failed), exit_status::own_error;
    if (!analysed.problems.empty()) return exit_status::unusable_log;
    return reached ? reported.exitcode : exit_status::clean;
}

}  // namespace interlock::cli
