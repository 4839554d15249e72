// The command: which of the commands is meant.
#include <array>
#include <cstdio>
#include <exception>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "analysis/stack_room.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/option_table.hpp"

namespace interlock::cli {
namespace {

struct command {
    std::string_view name;
    std::string_view call;
    std::string_view purpose;
    int (*function)(const arguments&);
};

constexpr std::array commands = {
    command{"run", "run [OPTIONS] [--] PROGRAM [ARGS]", "record a program, analyse what it did, report", run_command},
    command{"record", "record -o LOG [--] PROGRAM [ARGS]", "record only", record_command},
    command{"analyze", "analyze [OPTIONS] LOG...", "analyse logs, report", analyze_command},
    command{"dump", "dump LOG", "print a log's events, one a line", dump_command},
    command{"graph", "graph [OPTIONS] LOG", "print the lock-order graph", graph_command},
    command{"stats", "stats [OPTIONS] LOG...", "how long threads waited for locks and held them", stats_command},
    command{"timeline", "timeline [OPTIONS] LOG...", "threads, holds and waits as a trace for ui.perfetto.dev",
            timeline_command},
    command{"watch", "watch [OPTIONS] PID|LOG", "what the threads of a process hold and want, live", watch_command},
    command{"snapshot", "snapshot [OPTIONS] PID|CORE", "who waits for whom in a hung process or a core dump",
            snapshot_command},
    command{"suppress", "suppress [OPTIONS] LOG...", "print suppressions for what logs show, ready to paste",
            suppress_command},
    command{"diff", "diff [OPTIONS] OLD NEW", "what is new, gone and still there", diff_command},
    command{"merge", "merge LOG... -o SUMMARY", "join many runs into one summary", merge_command},
};

void print_help() {
    std::string text =
        "interlock finds deadlocks, lock-order violations and misuse of locks in C and C++ programs,\n"
        "also those that did not happen in the run it saw.\n\n"
        "Usage: interlock COMMAND ...\n\nCommands:\n";
    for (const command& one : commands) text += fmt::format("  {:<34} {}\n", one.call, one.purpose);
    text +=
        "\n  interlock COMMAND --help           the options of a command\n"
        "  interlock --version                the version\n\n"
        "Start here:  interlock run ./your-program\n\n"
        "Exit status: 0 nothing found; 66 found something; a program's own where it failed by itself;\n"
        "2 the call is wrong (run, record: 125); 3 a log cannot be used; 125 the output cannot be\n"
        "written; 126, 127 the program cannot be executed, is not found.\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
}

int dispatch(const arguments& given) {
    if (given.empty()) {
        say("which command? `interlock run ./your-program` to begin with; interlock --help lists all");
        return exit_status::wrong_call;
    }
    const std::string& name = given.front();
    if (name == "--help" || name == "-h" || name == "help") return print_help(), exit_status::clean;
    if (name == "--version" || name == "-V") return std::puts("interlock " INTERLOCK_VERSION), exit_status::clean;
    if (name == option_table_option) {
        for (const command& one : commands) fmt::print("{}\t{}\n", one.name, one.purpose);
        return exit_status::clean;
    }
    for (const command& one : commands)
        if (one.name == name) return one.function(arguments(given.begin() + 1, given.end()));
    say(fmt::format("there is no command '{}'; interlock --help lists them", name));
    return exit_status::wrong_call;
}

/// A standard descriptor that whoever called us has closed: else a file that we open has its number, and what we say goes into that. Said to
/// a closed standard error is said to nobody; to write to a closed standard output fails. The program that we start finds them closed.
void fill_closed_descriptors() {
    for (const int one : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(one, F_GETFD) < 0)
            ::open("/dev/null",
                   (one == STDERR_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);  // the lowest that is free: this
}

}  // namespace
}  // namespace interlock::cli

int main(int count, char** texts) {
    interlock::cli::fill_closed_descriptors();
    int status = interlock::cli::exit_status::own_error;
    try {
        interlock::analysis::with_stack_room([&] { status = interlock::cli::dispatch({texts + 1, texts + count}); });
    } catch (const std::exception& wrong) {  // out of memory: nothing else is thrown this far
        interlock::cli::say(wrong.what());
    }
    return status;
}
