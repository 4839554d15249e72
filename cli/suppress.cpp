// interlock suppress: what logs show, as entries of a suppression file.

#include <CLI/CLI.hpp>

#include "analysis/report/suppression_draft.hpp"
#include "cli/analysed_logs.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/output.hpp"
#include "cli/parsing.hpp"
#include "cli/report_options.hpp"

namespace interlock::cli {

int suppress_command(const arguments& given) {
    CLI::App app("Prints suppressions for what logs show, ready to paste, with a place for the reason of each.",
                 "interlock suppress");
    std::vector<std::string> logs;
    report_options chosen;
    app.add_option("LOG", logs, "The logs")->required()->type_name("");
    app.add_option("--suppressions", chosen.suppressions, "Leave out what this file hides already")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("--strip-path-prefix", chosen.strip_path_prefix, "Cut this from the front of source paths")
        ->type_name("PREFIX");
    if (const auto ended = parse(app, "suppress", given, exit_status::wrong_call)) return *ended;
    if (const auto wrong = check(chosen)) return say_wrong_call("suppress", *wrong), exit_status::wrong_call;
    std::optional<std::string> wrong;
    findings::known_findings known = known_to(chosen, wrong);
    analysed_logs analysed = analyse(logs);
    for (const std::string& problem : analysed.problems) say(problem);
    if (analysed.problems.size() == logs.size()) return exit_status::unusable_log;
    mark(known, analysed.data);
    const std::string text = report::suppression_draft(analysed.data, looks(chosen, nullptr));
    output to;
    to.add(text);
    if (const auto unwritten = to.finish("the suppressions")) return say(*unwritten), exit_status::own_error;
    return analysed.problems.empty() ? exit_status::clean : exit_status::unusable_log;
}

}  // namespace interlock::cli
