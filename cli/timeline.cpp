// interlock timeline: threads, holds and waits as a trace for ui.perfetto.dev.
#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "analysis/report/perfetto.hpp"
#include "analysis/timeline.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/output.hpp"
#include "cli/parsing.hpp"
#include "cli/progress.hpp"
#include "cli/report_options.hpp"

namespace interlock::cli {
namespace {

/// What is wrong with that output; nothing if all is well.
std::optional<std::string> check(const std::string& output, const std::vector<std::string>& logs) {
    if (output.empty()) return std::nullopt;
    for (const std::string& log : logs)
        if (is_same_file(output, log)) return fmt::format("-o: {} would overwrite the log", output);
    if (const auto wrong = why_not_writable(output)) return "-o: " + *wrong;
    return std::nullopt;
}

}  // namespace

int timeline_command(const arguments& given) {
    CLI::App app("Writes what threads held and waited for as a trace that ui.perfetto.dev opens.",
                 "interlock timeline");
    std::vector<std::string> logs;
    std::string file;
    report_options reported;
    app.add_option("LOG", logs, "The logs")->required()->type_name("");
    app.add_option("-o,--output", file, "Write the trace there instead of stdout")->type_name("FILE");
    app.add_option("--strip-path-prefix", reported.strip_path_prefix, "Cut this from the front of source paths")
        ->type_name("PREFIX");
    if (const auto ended = parse(app, "timeline", given, exit_status::wrong_call)) return *ended;
    if (file.empty() && ::isatty(STDOUT_FILENO) == 1)
        return say_wrong_call("timeline", "a trace is no text: -o FILE says where to write it"),
               exit_status::wrong_call;
    if (const auto wrong = check(file, logs)) return say_wrong_call("timeline", *wrong), exit_status::wrong_call;

    std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(nullptr, std::fclose);
    std::FILE* to = file.empty() ? stdout : nullptr;
    int unwritten = 0;  // errno of the first failure
    report::perfetto_writer trace([&](std::string_view bytes) {
        if (to == nullptr &&
            unwritten == 0) {  // not before there is something: of unusable logs an older trace remains
            opened.reset(std::fopen(file.c_str(), "we"));
            to = opened.get();
            if (to == nullptr) unwritten = errno;
        }
        if (unwritten == 0 && std::fwrite(bytes.data(), 1, bytes.size(), to) != bytes.size()) unwritten = errno;
    });
    const report::options how = looks(reported, nullptr);
    analysis::timeline drawn(trace, how);
    std::size_t unusable = 0;
    {
        const progress shown(logs);
        for (const std::string& path : logs) {
            shown.tell(fmt::format("reading {} MiB: {} ...", shown.mebibytes(), path));
            const auto failed = drawn.add_log(path);
            if (!failed) continue;
            say(one_line(*failed));
            ++unusable;
        }
    }
    for (const std::string& limit : drawn.limits()) say(limit);
    if (unwritten == 0 && to != nullptr && std::fflush(to) != 0) unwritten = errno;
    if (unwritten != 0 && unwritten != EPIPE)
        return say(fmt::format("the trace cannot be written: {}", std::strerror(unwritten))), exit_status::own_error;
    return unusable == 0 ? exit_status::clean : exit_status::unusable_log;
}

}  // namespace interlock::cli
