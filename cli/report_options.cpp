// From options to written reports.
#include "cli/report_options.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "analysis/findings/declared_order.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/findings/text_file.hpp"
#include "analysis/order_check.hpp"
#include "analysis/report/quote.hpp"
#include "analysis/report/report.hpp"
#include "cli/message.hpp"
#include "cli/output.hpp"
#include "cli/parsing.hpp"

namespace interlock::cli {
namespace {

std::optional<std::string> load(const report_options& chosen, findings::declared_order& order) {
    if (chosen.lock_order.empty()) return std::nullopt;
    return order.read(chosen.lock_order, chosen.texts.at(chosen.lock_order));
}

std::optional<std::string> read_files(report_options& into) {
    std::vector<std::string> all = into.suppressions;
    all.insert(all.end(), {into.baseline, into.lock_order});
    for (const std::string& path : all) {
        const auto [at, fresh] = into.texts.try_emplace(path);
        if (path.empty() || !fresh) continue;
        if (auto failed = findings::read_file(path, at->second)) return failed;
    }
    return std::nullopt;
}

std::optional<std::string> write(const std::string& path, const std::string& text, std::string_view what) {
    const bool to_stdout = path == "-";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(to_stdout ? nullptr : std::fopen(path.c_str(), "we"),
                                                                 std::fclose);
    std::FILE* file = to_stdout ? stdout : opened.get();
    if (file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0)
        return std::nullopt;
    if (to_stdout && errno == EPIPE) return std::nullopt;  // whoever reads has seen enough
    return fmt::format("{}: {} cannot be written: {}", path, what, std::strerror(errno));
}

/// A new baseline may take the old one's place: that was read before.
std::optional<std::string> check_distinct(const report_options& chosen, std::vector<kept_file> read) {
    for (const std::string& file : chosen.suppressions) read.push_back({"--suppressions", file});
    if (!chosen.lock_order.empty()) read.push_back({"--lock-order", chosen.lock_order});
    std::vector<kept_file> written;
    for (const std::string& file : chosen.files) written.push_back({"--report", file});
    if (!chosen.write_baseline.empty()) written.push_back({"--write-baseline", chosen.write_baseline});
    for (std::size_t i = 0; i < written.size(); ++i) {
        std::vector<kept_file> others(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(i));
        others.insert(others.end(), read.begin(), read.end());
        if (written[i].whose == "--report" && !chosen.baseline.empty())
            others.push_back({"--baseline", chosen.baseline});
        for (const auto& [option, file] : others)
            if (is_same_file(written[i].path, file))
                return fmt::format("{}: {} would overwrite that of {}", written[i].whose, written[i].path, option);
    }
    return std::nullopt;
}

/// Whoever reads may go before the end (`| head`): that is no failure.
std::optional<std::string> print(std::FILE* where, const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), where) == text.size() && std::fflush(where) == 0;
    if (written || errno == EPIPE) return std::nullopt;
    return fmt::format("the report cannot be written: {}", std::strerror(errno));
}

bool is_reached(const findings::report_data& data, const std::string& fail_on) {
    const std::optional<findings::severity> least = findings::severity_named(fail_on);
    return least && std::any_of(data.findings.begin(), data.findings.end(),
                                [&](const findings::finding& one) { return one.is_told() && one.severity >= *least; });
}

/// A finding that is neither suppressed nor known, or events that are missing.
bool has_something_to_tell(const findings::report_data& data) {
    return std::any_of(data.findings.begin(), data.findings.end(), [](const auto& one) { return one.is_told(); }) ||
           std::any_of(data.logs.begin(), data.logs.end(), [](const auto& log) { return log.lost_events != 0; });
}

}  // namespace

void add_report_options(CLI::App& app, report_options& into) {
    app.add_option("--format", into.formats,
                   "Format of the report: text (default), json, sarif, html, github or markdown")
        ->type_name("FORMAT")
        ->check(one_of(report::format_names))
        ->allow_extra_args(false);
    app.add_option("--report", into.files,
                   "Write the report there instead; may be given several times, each with a --format of its own")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("--suppressions", into.suppressions,
                   "Leave out what this file lists, in ThreadSanitizer's or Valgrind's syntax")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("--baseline", into.baseline, "Leave out what this file lists: only new findings count")
        ->type_name("FILE");
    app.add_option("--fail-on", into.fail_on,
                   "Least severity that makes the exit status: error, warning (default), note or never")
        ->type_name("SEVERITY")
        ->check(CLI::IsMember({"error", "warning", "note", "never"}))
        ->default_str("");
    app.add_option("--exitcode", into.exitcode, "That exit status (66)")
        ->type_name("N")
        ->check(CLI::Range(0, 255))
        ->default_str("");
    app.add_option("--color", into.colour, "Colours: auto (default), always or never; NO_COLOR is honoured")
        ->type_name("WHEN")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->default_str("");
    app.add_option("--strip-path-prefix", into.strip_path_prefix, "Cut this from the front of source paths")
        ->type_name("PREFIX");
}

void add_graph_options(CLI::App& app, report_options& into) {
    app.add_option("--write-baseline", into.write_baseline,
                   "Write what is found there, for --baseline; what is written does not make the exit status")
        ->type_name("FILE");
    app.add_option("--lock-order", into.lock_order, "Hold what was seen against the order that this file declares")
        ->type_name("FILE");
}

std::optional<std::string> check(report_options& chosen, const std::vector<kept_file>& kept) {
    if (chosen.formats.size() > chosen.files.size() + 1) return "several --format need a --report FILE each";
    for (const std::string& file : chosen.files)
        if (auto wrong = why_not_writable(file)) return "--report: " + *wrong;
    if (!chosen.write_baseline.empty())
        if (auto wrong = why_not_writable(chosen.write_baseline)) return "--write-baseline: " + *wrong;
    if (auto wrong = check_distinct(chosen, kept)) return wrong;
    if (auto failed = read_files(chosen)) return failed;
    findings::declared_order order;
    if (auto wrong = load(chosen, order)) return wrong;
    std::optional<std::string> failed;
    known_to(chosen, failed);
    return failed;
}

findings::known_findings known_to(const report_options& chosen, std::optional<std::string>& failed) {
    findings::known_findings known(
        [sources = report::source_lines{}](const std::string& file, std::uint32_t line) mutable {
            return sources.line_if_any(file, line);
        });
    for (const std::string& path : chosen.suppressions) {
        failed = known.add_suppressions(path, chosen.texts.at(path));
        if (failed) return known;
    }
    if (!chosen.baseline.empty()) failed = known.set_baseline(chosen.baseline, chosen.texts.at(chosen.baseline));
    return known;
}

void mark(findings::known_findings& known, findings::report_data& data) {
    known.mark(data);
    for (const std::string& line : known.unused()) say(line);
    for (const std::string& line : known.problems()) say(line);
}

report::options looks(const report_options& chosen, std::FILE* where) {
    report::options how;
    how.tool_version = INTERLOCK_VERSION;
    how.strip_path_prefix = chosen.strip_path_prefix;
    how.working_directory = current_folder();
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool wanted = (no_colour == nullptr || *no_colour == '\0') && where != nullptr &&
                        ::isatty(::fileno(where)) == 1 && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
    how.colour = chosen.colour == "always" || (chosen.colour == "auto" && wanted);
    return how;
}

std::optional<std::string> deliver(findings::report_data data, const report_options& chosen, std::FILE* otherwise,
                                   bool& reached, const findings::run_summary& graph) {
    std::signal(SIGPIPE, SIG_IGN);  // the status is told even where nobody reads the report to its end
    std::optional<std::string> failed;
    findings::known_findings known = known_to(chosen, failed);
    findings::declared_order order;
    if (auto wrong = load(chosen, order); wrong && !failed) failed = wrong;
    for (findings::finding& one : analysis::order_violations(graph, order)) data.findings.push_back(std::move(one));
    if (const std::string unmet = analysis::unmet_names(graph, order); !unmet.empty()) say(unmet);
    known.pass(graph);
    mark(known, data);
    reached = chosen.write_baseline.empty() && is_reached(data, chosen.fail_on);
    if (!chosen.write_baseline.empty()) {
        const auto wrong =
            write(chosen.write_baseline, findings::text_of(findings::baseline_of(data, graph)), "the baseline");
        if (wrong && !failed) failed = wrong;
    }
    const auto format_at = [&](std::size_t i) {
        if (chosen.formats.empty()) return report::format::text;
        return report::format_named(i < chosen.formats.size() ? chosen.formats[i] : chosen.formats.back())
            .value_or(report::format::text);
    };
    for (std::size_t i = 0; i < chosen.files.size(); ++i) {
        report_options plain = chosen;
        if (plain.colour == "auto") plain.colour = "never";
        const std::string text = render(format_at(i), data, looks(plain, nullptr));
        const auto wrong = write(chosen.files[i], text, "the report");
        if (!wrong) continue;
        if (!failed) failed = wrong;
        print(otherwise, text);  // rather there than lost
    }
    if (chosen.quiet && !has_something_to_tell(data)) return failed;
    if (chosen.files.empty() || chosen.formats.size() > chosen.files.size()) {
        const auto wrong = print(otherwise, render(format_at(chosen.files.size()), data, looks(chosen, otherwise)));
        if (wrong && !failed) failed = wrong;
    }
    return failed;
}

}  // namespace interlock::cli
