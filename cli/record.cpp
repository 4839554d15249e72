// interlock record: run the program under the recorder, keep the logs.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/parsing.hpp"
#include "cli/program_options.hpp"
#include "cli/recording.hpp"

namespace interlock::cli {

int record_command(const arguments& given) {
    CLI::App app("Records an unmodified program; 'interlock analyze' makes the report later.", "interlock record");
    recording_options chosen;
    app.add_option("-o,--output", chosen.log,
                   "The log; %p is the process, %e the program, %h the host. Without %p, logs of other processes get "
                   "their pid added")
        ->type_name("LOG");
    program_options program;
    add_program_options(app, program);
    if (const auto ended = parse_with_program(app, "record", given, program, chosen)) return *ended;
    if (chosen.log.empty()) {
        say_wrong_call("record", "-o LOG is missing: where the log goes");
        return exit_status::own_error;
    }
    recording made;
    if (const auto failed = made.make(chosen)) return say(*failed), exit_status::own_error;
    if (!made.program().ran) return say(made.program().problem), made.program().status;
    if (made.logs().empty() || !made.blind_spot().empty()) say(made.blind_spot());
    return made.program().status;
}

}  // namespace interlock::cli
