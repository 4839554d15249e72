// interlock stats: who waits for locks, and how long.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "analysis/contention.hpp"
#include "analysis/report/contention.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/output.hpp"
#include "cli/parsing.hpp"
#include "cli/progress.hpp"
#include "cli/report_options.hpp"

namespace interlock::cli {

int stats_command(const arguments& given) {
    CLI::App app("Prints how much threads waited for each lock and each class of locks, and how long they held them.",
                 "interlock stats");
    std::vector<std::string> logs;
    std::string format = "text";
    std::string sort = "wait";
    std::string by = "both";
    report::contention_view view;
    view.top = 20;
    report_options reported;
    app.add_option("LOG", logs, "The logs")->required()->type_name("");
    app.add_option("--sort", sort, fmt::format("Greatest first, by {} (default wait)", report::contention_columns))
        ->type_name("COLUMN")
        ->check(one_of(report::contention_columns));
    app.add_option("--top", view.top, "Rows of each table (20); 0 is all")->type_name("N")->default_str("");
    app.add_option("--by", by, "lock, class or both (default)")
        ->type_name("WHAT")
        ->check(CLI::IsMember({"lock", "class", "both"}));
    app.add_option("--format", format, "text (default), json or csv")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json", "csv"}));
    app.add_option("--strip-path-prefix", reported.strip_path_prefix, "Cut this from the front of source paths")
        ->type_name("PREFIX");
    if (const auto ended = parse(app, "stats", given, exit_status::wrong_call)) return *ended;
    view.sort = *report::contention_column_named(sort);
    view.locks = by != "class";
    view.classes = by != "lock";

    analysis::contention_analysis all;
    std::size_t unusable = 0;
    {
        const progress shown(logs);
        for (const std::string& path : logs) {
            shown.tell(fmt::format("reading {} MiB: {} ...", shown.mebibytes(), path));
            const auto failed = all.add_log(path);
            if (!failed) continue;
            say(one_line(*failed));
            ++unusable;
        }
    }
    if (unusable == logs.size()) return exit_status::unusable_log;
    const std::string text =
        render_contention(*report::contention_format_named(format), all.result(), view, looks(reported, nullptr));
    output to;
    to.add(text);
    if (const auto unwritten = to.finish("the statistics")) return say(*unwritten), exit_status::own_error;
    return unusable == 0 ? exit_status::clean : exit_status::unusable_log;
}

}  // namespace interlock::cli
