// interlock merge: many runs as one graph. One log at a time, so that a thousand need no more room than the largest.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "analysis/analyser.hpp"
#include "analysis/report/summary_file.hpp"
#include "cli/analysed_logs.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/output.hpp"
#include "cli/parsing.hpp"

namespace interlock::cli {
namespace {

/// What one file shows. Failure: one line.
std::optional<std::string> read(const std::string& path, const std::shared_ptr<symbols::symboliser>& symbols,
                                findings::run_summary& into) {
    std::optional<std::string> problem;
    if (std::optional<findings::run_summary> summary = summary_at(path, problem)) {
        if (!problem) join(into, std::move(*summary));
        return problem;
    }
    analysis::analyser one(symbols);
    if (const auto failed = one.add_log(path)) return one_line(*failed);
    if (const auto failed = one.feed()) return one_line(*failed);
    join(into, one.summary());
    return std::nullopt;
}

/// The file that is written first: whoever reads the summary has an old one or a new one, never half of one. Not for a device or a pipe,
/// which another file must not take the place of.
std::string beside(const std::string& path) {
    std::error_code failed;
    const bool replaced = !std::filesystem::exists(path, failed) || std::filesystem::is_regular_file(path, failed);
    return replaced ? path + ".part" : path;
}

std::optional<std::string> write(const std::string& path, const findings::run_summary& all) {
    const bool to_stdout = path == "-";
    const std::string first = beside(path);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(to_stdout ? nullptr : std::fopen(first.c_str(), "we"),
                                                                 std::fclose);
    std::FILE* file = to_stdout ? stdout : opened.get();
    bool written = file != nullptr;
    if (written)
        report::write_summary(all, INTERLOCK_VERSION, [&](std::string_view line) {
            written = written && std::fwrite(line.data(), 1, line.size(), file) == line.size();
        });
    written = written && std::fflush(file) == 0;
    const bool is_there = to_stdout || first == path;
    if (written && (is_there || std::rename(first.c_str(), path.c_str()) == 0)) return std::nullopt;
    const std::string why = std::strerror(errno);
    if (!is_there) std::remove(first.c_str());
    return fmt::format("{}: the summary cannot be written: {}", path, why);
}

}  // namespace

int merge_command(const arguments& given) {
    CLI::App app(
        "Joins what logs and summaries show into one summary: findings, and the lock-order graph by lock class.",
        "interlock merge");
    std::vector<std::string> logs;
    std::string output;
    app.add_option("LOG", logs, "The logs, or summaries of logs")->required()->type_name("");
    app.add_option("-o,--output", output, "Write the summary there; - is standard output")
        ->required()
        ->type_name("SUMMARY");
    if (const auto ended = parse(app, "merge", given, exit_status::wrong_call)) return *ended;
    for (const std::string& path : logs) {
        if (!is_same_file(output, path) && !is_same_file(beside(output), path)) continue;
        say(fmt::format("{}: the summary would overwrite what it is made of", path));
        return exit_status::wrong_call;
    }
    const auto symbols = std::make_shared<symbols::symboliser>();
    findings::run_summary all;
    std::size_t unusable = 0;
    for (const std::string& path : logs)
        if (const auto problem = read(path, symbols, all)) {
            say(*problem);
            ++unusable;
        }
    if (unusable == logs.size()) return exit_status::unusable_log;
    if (const auto failed = write(output, all)) return say(*failed), exit_status::own_error;
    return unusable == 0 ? exit_status::clean : exit_status::unusable_log;
}

}  // namespace interlock::cli
