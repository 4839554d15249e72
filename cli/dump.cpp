// interlock dump: a log's events as text.
#include <cstdio>

#include <CLI/CLI.hpp>

#include "analysis/trace/dump.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
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
    auto failed = log.open(path);
    if (!failed)
        failed = trace::dump(log, how, [](std::string_view line) {
            std::fwrite(line.data(), 1, line.size(), stdout);
            std::fputc('\n', stdout);
        });
    if (failed) return say(one_line(*failed)), exit_status::unusable_log;
    if (std::fflush(stdout) != 0) return say("the events cannot be written"), exit_status::wrong_call;
    return exit_status::clean;
}

}  // namespace interlock::cli
