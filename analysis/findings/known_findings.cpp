#include "analysis/findings/known_findings.hpp"

#include <array>
#include <ctime>
#include <utility>

#include "analysis/findings/text_file.hpp"

namespace interlock::findings {

namespace {

/// YYYY-MM-DD.
std::string day_of(std::time_t when) {
    std::tm split{};
    std::array<char, 16> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", ::gmtime_r(&when, &split))};
}

}  // namespace

known_findings::known_findings(source_comments::line_reader read)
    : known_findings{std::move(read), day_of(std::time(nullptr))} {}

known_findings::known_findings(source_comments::line_reader read, const std::string& today)
    : hidden_{today}, allowed_{std::move(read), today} {}

std::optional<std::string> known_findings::add_suppressions(const std::string& path) {
    std::string text;
    if (auto failed = read_file(path, text)) return failed;
    return hidden_.add(path, text);
}

std::optional<std::string> known_findings::set_baseline(const std::string& path) {
    std::string text;
    if (auto failed = read_file(path, text)) return failed;
    return read_baseline(path, text, before_.emplace());
}

void known_findings::mark(report_data& data) {
    hidden_.apply(data);
    allowed_.apply(data);
    if (before_) mark_known(*before_, data);
}

std::vector<std::string> known_findings::unused() const {
    std::vector<std::string> lines = hidden_.unused();
    for (std::string& line : lines) line.insert(0, "suppression matches nothing: ");
    return lines;
}

std::vector<std::string> known_findings::problems() const {
    std::vector<std::string> lines = hidden_.expired();
    for (std::string& line : lines) line.insert(0, "suppression no longer holds: ");
    lines.insert(lines.end(), allowed_.problems().begin(), allowed_.problems().end());
    return lines;
}

}  // namespace interlock::findings
