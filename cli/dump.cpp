// interlock dump: a log's events as text.
#include <CLI/CLI.hpp>

#include "analysis/trace/dump.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/output.hpp"
#include "cli/parsing.hpp"

namespace interlock::cli {

int dump_command(const arguments& given) {
    CLI::App app("Prints the events of a log, one a line, in an order that keeps cause before effect.",
                 "interlock dump");
    std::string path;
    trace::dump_options how;
    app.add_option("LOG", path, "The log")->required()->type_name("");
    app.add_flag("--times", how.times, "Seconds since the log's begin before each line");
    app.add_flag("--addresses", how.addresses, "Addresses of locks and code as they were in the process");
    app.add_flag("--sequences", how.sequences, "Each lock's own number of each operation");
    if (const auto ended = parse(app, "dump", given, exit_status::wrong_call)) return *ended;
    trace::trace log;
    output to;
    auto failed = log.open(path);
    if (!failed) failed = trace::dump(log, how, [&](std::string_view line) { to.add_line(line); });
    if (failed) return say(one_line(*failed)), exit_status::unusable_log;
    if (const auto unwritten = to.finish("the events")) return say(*unwritten), exit_status::own_error;
    return exit_status::clean;
}

}  // namespace interlock::cli
