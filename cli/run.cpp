// interlock run: record, analyse, report in one call.
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/analysed_logs.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/launch.hpp"
#include "cli/message.hpp"
#include "cli/parsing.hpp"
#include "cli/program_options.hpp"
#include "cli/recording.hpp"
#include "cli/report_options.hpp"

namespace interlock::cli {
namespace {

/// What cannot be recorded is a blind spot of the report, and a line at once where the report goes elsewhere.
void add_blind_spot(findings::report_data& data, const recording& made) {
    if (made.blind_spot().empty()) return;
    if (data.logs.empty()) {
        findings::log_summary none;
        none.program = made.program_path();
        none.pid = static_cast<std::uint64_t>(made.program().pid);
        none.complete = false;
        data.logs.push_back(std::move(none));
    }
    data.logs.front().blind_spots.push_back(made.blind_spot());
}

/// What of the run is still to come when the report is made.
void tell_of_survivors(findings::report_data& data, const recording& made, bool log_is_kept) {
    for (findings::log_summary& log : data.logs) {
        if (!made.growing_logs().contains(log.path)) continue;
        log.blind_spots.push_back(fmt::format(
            "process {} outlives the program: what it does from here on is not seen{}", log.pid,
            log_is_kept ? fmt::format("; `interlock watch {}` shows it, `interlock analyze` its log later", log.pid)
                        : "; its log is kept with --log"));
    }
}

/// The report on these logs as they are, of processes that still run.
void report_now(const std::vector<live::run_watch::stuck_log>& logs,
                const std::map<std::string, detectors::standing>& standing, const report_options& reported) {
    std::vector<std::string> paths;
    paths.reserve(logs.size());
    for (const live::run_watch::stuck_log& log : logs) paths.push_back(log.path);
    analysed_logs analysed = analyse(paths, wanted::findings_now, standing);
    for (const std::string& problem : analysed.problems) say(problem);
    bool reached = false;
    if (const auto failed = deliver(std::move(analysed.data), reported, stderr, reached)) say(*failed);
}

/// What the report must not take the place of.
std::vector<kept_file> kept_by(const recording_options& chosen) {
    std::vector<kept_file> out;
    if (std::string program = find_program(chosen.command.front()); !program.empty())
        out.push_back({"the program", std::move(program)});
    if (chosen.log.empty()) return out;
    if (std::optional<std::string> log = log_named(chosen.log)) out.push_back({"--log", std::move(*log)});
    return out;
}

}  // namespace

int run_command(const arguments& given) {
    CLI::App app("Records an unmodified program, analyses what it did and reports. The report goes to stderr.",
                 "interlock run");
    recording_options chosen;
    program_options program;
    report_options reported;
    double watchdog = 5;
    std::string on_deadlock = "kill";
    app.add_option("--log", chosen.log, "Keep the log there; %p is the process, %e the program, %h the host")
        ->type_name("PATH");
    add_program_options(app, program);
    add_report_options(app, reported);
    add_graph_options(app, reported);
    app.add_option("--watchdog", watchdog,
                   "Seconds that threads may stand still before they are examined for a stall (5); 0 is never. "
                   "Threads that hold what the others want are named within a second all the same")
        ->type_name("SECONDS")
        ->check(is_seconds(0));
    app.add_option("--on-deadlock", on_deadlock,
                   "kill (default): report, then end the program; wait: report, and go on waiting for it")
        ->type_name("ACTION")
        ->check(CLI::IsMember({"kill", "wait"}));
    if (const auto ended = parse_with_program(app, "run", given, program, chosen)) return *ended;
    if (const auto wrong = check(reported, kept_by(chosen)))
        return say_wrong_call("run", *wrong), exit_status::own_error;
    chosen.watchdog_s = watchdog;
    std::map<std::string, detectors::standing> standing;
    chosen.on_stuck = [&](const std::vector<live::run_watch::stuck_log>& logs) {
        for (const live::run_watch::stuck_log& log : logs) standing[log.path] = log.seen;
        if (on_deadlock == "kill") return true;  // its log keeps the rest of what there is to tell
        report_now(logs, standing, reported);
        return false;
    };
    recording made;
    if (const auto failed = made.make(chosen)) return say(*failed), exit_status::own_error;
    if (!made.program().ran) return say(made.program().problem), made.program().status;
    for (const std::string& log : made.growing_logs()) standing[log].running = true;
    analysed_logs analysed =
        analyse(made.logs(), needs_graph(reported) ? wanted::findings_and_graph : wanted::findings, standing);
    for (const std::string& problem : analysed.problems) say(problem);
    add_blind_spot(analysed.data, made);
    tell_of_survivors(analysed.data, made, !chosen.log.empty());
    if (!made.blind_spot().empty() && !reported.files.empty()) say(made.blind_spot());
    bool reached = false;
    const auto failed = deliver(std::move(analysed.data), reported, stderr, reached, analysed.graph);
    if (failed) say(*failed);
    if (made.program().status != 0 && !made.program().killed_here) return made.program().status;
    if (failed || !analysed.problems.empty()) return exit_status::own_error;
    return reached ? reported.exitcode : made.program().status;  // 0, or that of the program that was ended here
}

}  // namespace interlock::cli
