// Files first, then comments: an entry that is used is not told as unused because a comment says the same.
#include "cli/known_findings.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "analysis/findings/source_comments.hpp"
#include "analysis/report/quote.hpp"
#include "cli/message.hpp"

namespace interlock::cli {

std::optional<std::string> read_file(const std::string& path, std::string& text) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream content;
    content << file.rdbuf();
    if (!file) return fmt::format("{}: cannot be read: {}", path, std::strerror(errno));
    text = content.str();
    return std::nullopt;
}

std::string today() { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr))); }

std::optional<std::string> known_findings::load(const report_options& chosen) {
    for (const std::string& path : chosen.suppressions) {
        std::string text;
        if (auto failed = read_file(path, text)) return failed;
        if (auto failed = hidden_.add(path, text)) return failed;
    }
    if (chosen.baseline.empty()) return std::nullopt;
    std::string text;
    if (auto failed = read_file(chosen.baseline, text)) return failed;
    return findings::read_baseline(chosen.baseline, text, before_);
}

void known_findings::mark(findings::report_data& data) {
    hidden_.apply(data);
    report::source_lines sources;
    findings::source_comments allowed(
        [&](const std::string& file, std::uint32_t number) { return sources.line(file, number); }, today());
    allowed.apply(data);
    mark_known(before_, data);
    for (const std::string& line : hidden_.unused()) say("suppression matches nothing: " + line);
    for (const std::string& line : hidden_.expired()) say("suppression no longer holds: " + line);
    for (const std::string& line : allowed.problems()) say(line);
}

}  // namespace interlock::cli
