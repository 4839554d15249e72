#include "analysis/findings/known_findings.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <utility>

#include "analysis/findings/instances.hpp"
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
    return add_suppressions(path, text);
}

std::optional<std::string> known_findings::add_suppressions(const std::string& path, const std::string& text) {
    return hidden_.add(path, text);
}

std::optional<std::string> known_findings::set_baseline(const std::string& path) {
    std::string text;
    if (auto failed = read_file(path, text)) return failed;
    return set_baseline(path, text);
}

std::optional<std::string> known_findings::set_baseline(const std::string& path, const std::string& text) {
    return read_baseline(path, text, before_.emplace());
}

finding known_findings::marked(finding what) {
    std::vector<finding> all = instances_of(std::move(what));
    for (finding& one : all) {
        hidden_.apply(one);
        allowed_.apply(one);
    }
    const auto hidden =
        std::stable_partition(all.begin(), all.end(), [](const finding& one) { return !one.suppressed; });
    if (hidden == all.begin() || hidden == all.end()) return told_of(std::move(all));
    std::vector<finding> left(std::make_move_iterator(all.begin()), std::make_move_iterator(hidden));
    finding told = told_of(std::move(left));
    for (auto one = hidden; one != all.end(); ++one)
        if (one->id == told.id) told.occurrences_suppressed += one->occurrences;
    return told;
}

void known_findings::pass(const run_summary& graph) {
    for (const auto& [key, seen] : graph.edges)
        for (const stack* frames : {&seen.example.side.held_stack, &seen.example.side.wanted_stack})
            allowed_.pass(*frames);
}

void known_findings::mark(report_data& data) {
    for (finding& what : data.findings) what = marked(std::move(what));
    if (before_) mark_known(*before_, data);
}

std::vector<std::string> known_findings::unused() const {
    std::vector<std::string> lines = hidden_.unused();
    for (const std::string& line : allowed_.unused()) lines.push_back(line);
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
