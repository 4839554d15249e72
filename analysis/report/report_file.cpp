// Only what comparing needs is looked at; the rest of a report may be as it likes.
#include "analysis/report/report_file.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analysis/findings/names.hpp"

namespace interlock::report {
namespace {

using json = nlohmann::json;

/// Why it is no finding; empty: it is.
std::string read_finding(const json& from, reported& into) {
    const auto word = [&](const char* name) {
        const auto at = from.find(name);
        return at != from.end() && at->is_string() ? at->get<std::string>() : std::string();
    };
    if (!from.is_object()) return "not an object";
    into.id = word("id");
    into.message = word("message");
    if (into.id.empty()) return "'id' is missing";
    const auto kind = findings::kind_named(word("kind"));
    if (!kind) return "'kind' is missing or not known";
    const auto verdict = findings::verdict_named(word("verdict"));
    if (!verdict) return "'verdict' is missing or not known";
    into.kind = *kind;
    into.verdict = *verdict;
    const auto hidden = from.find("suppressed");
    into.suppressed = hidden != from.end() && hidden->is_boolean() && hidden->get<bool>();
    return {};
}

}  // namespace

std::optional<std::string> read_report(std::string_view path, std::string_view text, std::vector<reported>& into) {
    json whole;
    try {
        whole = json::parse(text);
    } catch (const json::parse_error& why) {
        const std::size_t at = std::min<std::size_t>(why.byte, text.size());
        const auto number = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
        std::string reason = why.what();
        if (const std::size_t end = reason.find("] "); end != std::string::npos) reason.erase(0, end + 2);
        return fmt::format("{}:{}: {}", path, number, reason);
    }
    const auto is_report = [&] {
        const auto format = whole.find("format");
        const auto list = whole.find("findings");
        return format != whole.end() && *format == "interlock-report" && list != whole.end() && list->is_array();
    };
    if (!whole.is_object() || !is_report())
        return fmt::format("{}:1: neither a log nor a JSON report, a summary or a baseline of interlock", path);
    std::size_t index = 0;
    for (const json& each : whole["findings"]) {
        const std::string why = read_finding(each, into.emplace_back());
        if (!why.empty()) return fmt::format("{}:1: findings[{}]: {}", path, index, why);
        ++index;
    }
    return std::nullopt;
}

}  // namespace interlock::report
