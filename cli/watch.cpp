// interlock watch: what the threads of a process hold and want, refreshed; or, with --guard, silence until they are stuck.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "analysis/analyser.hpp"
#include "analysis/live/log_watch.hpp"
#include "analysis/live/process_state.hpp"
#include "analysis/live/run_watch.hpp"
#include "analysis/report/watch_table.hpp"
#include "cli/analysed_logs.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/output.hpp"
#include "cli/parsing.hpp"
#include "cli/report_options.hpp"

namespace interlock::cli {
namespace {

constexpr std::chrono::milliseconds look_interval{100};
constexpr int looks_between_ends = 5;  // whether the processes are still there is asked every so many looks

struct watch_options {
    std::string target;
    bool once = false;
    double interval_s = 1;
    bool guard = false;
    bool detach = false;
    double watchdog_s = 5;
    std::string on_deadlock = "wait";
    report_options reported;
};

bool is_number(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// The log of the process, or the file that is named. Failure: one line.
std::optional<std::string> find_log(const std::string& target, std::string& log) {
    if (!is_number(target) || std::filesystem::exists(target)) {
        log = target;
        return std::nullopt;
    }
    pid_t process = 0;
    std::from_chars(target.data(), target.data() + target.size(), process);  // 0 where it is out of range
    if (process == 0) return fmt::format("{}: there is no such process", target);
    const std::uint32_t own = live::own_number(process);
    for (const std::string& path : live::mapped_files(process, ".ilk")) {
        trace::log_file file;
        if (file.open(path) || file.header().pid != own) continue;
        log = path;
        return std::nullopt;
    }
    if (::kill(process, 0) != 0 && errno == ESRCH) return fmt::format("{}: there is no such process", target);
    return fmt::format(
        "{}: the process writes no log of interlock that can be read: was it started by `interlock run`, or linked "
        "with libinterlock.so?",
        target);
}

std::uint64_t ticks_now() { return __builtin_ia32_rdtsc(); }

/// The present with what the last looks add: ages where the log has none.
std::optional<findings::present> look(live::log_watch& watch, bool running, std::string& problem) {
    analysis::analyser all;
    auto failed = all.add_log(watch.path());
    if (!failed) failed = all.feed(running ? trace::expectation::more : trace::expectation::nothing_more);
    if (failed) {
        problem = one_line(*failed);
        return std::nullopt;
    }
    if (running) all.note_standing(0, watch.seen());
    findings::present now = all.present_now(0, running ? ticks_now() : 0);
    for (findings::present_thread& thread : now.threads)
        if (const double age = watch.still().age(thread.page);
            running && thread.wants && !thread.wants->age_s && age > 0)
            thread.wants->age_s = age;
    return now;
}

int show(const watch_options& chosen, const std::string& log) {
    live::log_watch watch(log, chosen.watchdog_s);
    const report::options how = looks(chosen.reported, stdout);
    const bool json = !chosen.reported.formats.empty() && chosen.reported.formats.front() == "json";
    const bool clears = !chosen.once && !json && ::isatty(STDOUT_FILENO) == 1;
    for (;;) {
        watch.look(live::now());
        const bool running = watch.process() != 0 && live::maps_file(watch.process(), log);
        std::string problem;
        const auto now = look(watch, running, problem);
        if (!now) return say(problem), exit_status::unusable_log;
        std::string text = json ? report::watch_json(*now, how) : report::watch_table(*now, how);
        if (!running && !json) text += "The process has ended: this is how it was.\n";
        if (clears) text.insert(0, "\x1b[H\x1b[2J");
        output table;
        table.add(text);
        if (const auto failed = table.finish("the table")) return say(*failed), exit_status::own_error;
        if (chosen.once || !running) return exit_status::clean;
        const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(chosen.interval_s);
        while (std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(look_interval);
            watch.look(live::now());
        }
    }
}

/// Says nothing until threads of the process, or of one that it forked, are stuck: then what `run` does.
int guard(const watch_options& chosen, const trace::log_file& log) {
    const std::filesystem::path path = std::filesystem::absolute(log.path());
    live::run_watch watch(path.parent_path().string(), log.header(), chosen.watchdog_s);
    bool any_reached = false;
    for (int looks = 1;; ++looks) {
        for (const live::run_watch::stuck_log& stuck : watch.look()) {
            analysed_logs analysed = analyse({stuck.path}, wanted::findings_now, {{stuck.path, stuck.seen}});
            for (const std::string& problem : analysed.problems) say(problem);
            bool reached = false;
            if (const auto failed = deliver(std::move(analysed.data), chosen.reported, stderr, reached)) say(*failed);
            any_reached = any_reached || reached;
            if (chosen.on_deadlock == "kill") live::kill_if_it_maps(stuck.process, stuck.path);
        }
        if (looks % looks_between_ends == 0 && watch.is_over())
            return any_reached ? chosen.reported.exitcode : exit_status::clean;
        std::this_thread::sleep_for(look_interval);
    }
}

/// What is wrong with options that are given and of no use to a table; nothing if all is well.
std::optional<std::string> check_of_table(const CLI::App& app, const watch_options& chosen) {
    for (const char* option :
         {"--detach", "--on-deadlock", "--report", "--suppressions", "--baseline", "--fail-on", "--exitcode"})
        if (app.count(option) > 0)
            return fmt::format("{}: is for --guard; without it there is a table and no report", option);
    for (const std::string& format : chosen.reported.formats)
        if (format != "text" && format != "json")
            return fmt::format("--format: the table is text or json; {} is for --guard", format);
    return std::nullopt;
}

/// Goes on as a process of its own, nobody's child. True here: the caller is to end.
bool leave_parent() {
    if (::fork() != 0) return true;
    ::setsid();
    return false;
}

}  // namespace

int watch_command(const arguments& given) {
    CLI::App app("Shows what the threads of a process hold and want, while it runs or as its log was left.",
                 "interlock watch");
    watch_options chosen;
    app.add_option("target", chosen.target, "A process that writes a log, or a log")->type_name("PID|LOG")->required();
    app.add_flag("--once", chosen.once, "Show it once and end");
    app.add_option("--interval", chosen.interval_s, "Seconds between two tables (1)")
        ->type_name("SECONDS")
        ->check(is_seconds(0.01));
    app.add_flag("--guard", chosen.guard, "Show nothing until threads are stuck; then report on standard error");
    app.add_flag("--detach", chosen.detach, "With --guard: go on in the background");
    app.add_option("--watchdog", chosen.watchdog_s,
                   "Seconds that threads may stand still before they are examined for a stall (5); 0 is never")
        ->type_name("SECONDS")
        ->check(is_seconds(0));
    app.add_option("--on-deadlock", chosen.on_deadlock, "With --guard: wait (default), or kill the process")
        ->type_name("ACTION")
        ->check(CLI::IsMember({"kill", "wait"}));
    add_report_options(app, chosen.reported);
    set_usage(app, "interlock watch [OPTIONS] PID|LOG");
    if (const auto ended = parse(app, "watch", given, exit_status::wrong_call)) return *ended;
    if (!chosen.guard)
        if (const auto wrong = check_of_table(app, chosen))
            return say_wrong_call("watch", *wrong), exit_status::wrong_call;
    std::string log;
    const auto not_found = find_log(chosen.target, log);
    if (const auto wrong = check(chosen.reported, {{"the log", log}}))
        return say_wrong_call("watch", *wrong), exit_status::wrong_call;
    if (not_found) return say(*not_found), exit_status::unusable_log;
    trace::log_file file;
    if (const auto failed = file.open(log)) return say(one_line(*failed)), exit_status::unusable_log;
    if (!chosen.guard) return show(chosen, log);
    if (chosen.detach && leave_parent()) return exit_status::clean;
    return guard(chosen, file);
}

}  // namespace interlock::cli
