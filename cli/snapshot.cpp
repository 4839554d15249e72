// interlock snapshot: a process that hangs, or the core dump of one, that nobody recorded.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "analysis/snapshot/core.hpp"
#include "analysis/snapshot/live.hpp"
#include "analysis/stuck.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/parsing.hpp"
#include "cli/report_options.hpp"

namespace interlock::cli {
namespace {

/// A number is a process: a file of that name is told from it by `./`.
std::optional<std::uint64_t> process_named(const std::string& text) {
    std::uint64_t pid = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), pid);
    if (end != text.data() + text.size() || failed == std::errc::invalid_argument) return std::nullopt;
    return failed == std::errc{} ? pid : UINT64_MAX;
}

}  // namespace

int snapshot_command(const arguments& given) {
    CLI::App app(
        "Tells who waits for whom in a process that hangs, or in a core dump of one: it need not have been started by "
        "interlock.",
        "interlock snapshot");
    std::string what;
    report_options reported;
    app.add_option("PID|CORE", what, "The process, or the core dump")->required()->type_name("");
    add_report_options(app, reported);
    if (const auto ended = parse(app, "snapshot", given, exit_status::wrong_call)) return *ended;
    snapshot::image seen;
    const std::optional<std::uint64_t> pid = process_named(what);
    const std::vector<kept_file> kept =
        pid ? std::vector<kept_file>() : std::vector<kept_file>{{"the core dump", what}};
    if (const auto wrong = check(reported, kept)) return say_wrong_call("snapshot", *wrong), exit_status::wrong_call;
    if (const auto failed = pid ? snapshot::take(*pid, seen) : snapshot::open_core(what, seen))
        return say(*failed), exit_status::unusable_log;
    bool reached = false;
    if (const auto failed = deliver(analysis::examine(seen), reported, stdout, reached))
        return say(*failed), exit_status::own_error;
    return reached ? reported.exitcode : exit_status::clean;
}

}  // namespace interlock::cli
