// Lines of words, the last of which goes to the end.
#include "analysis/findings/baseline.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include "analysis/findings/fingerprint.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/findings/trimmed.hpp"

namespace interlock::findings {
namespace {

constexpr std::string_view magic = "# interlock baseline ";
constexpr std::string_view version = "1";

/// A control character would end the line.
std::string on_one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
    return text;
}

std::string word_of(const finding& what, std::uint64_t id) {
    const auto at = std::find_if(what.locks.begin(), what.locks.end(), [&](const lock& one) { return one.id == id; });
    if (at == what.locks.end()) return "?";
    if (!at->lock_class.empty()) return at->lock_class;
    if (!at->named_by_user && !at->name.empty() && at->type != thread_end_type) return without_indices(at->name);
    return at->type.empty() ? "lock" : at->type;
}

/// What a reader knows it by: nothing that changes from run to run.
std::string description(const finding& what) {
    std::vector<std::string> parts;
    for (const edge& side : what.edges)
        parts.push_back(word_of(what, side.held) + " in " + place_word(side.held_stack) + " => " +
                        word_of(what, side.wanted) + " in " + place_word(side.wanted_stack));
    if (!parts.empty()) std::rotate(parts.begin(), std::min_element(parts.begin(), parts.end()), parts.end());
    for (const access& side : what.accesses) parts.push_back(place_word(side.stack));
    if (what.edges.empty()) std::sort(parts.begin(), parts.end());
    if (parts.empty()) {
        parts.push_back(place_word(what.stack));
        if (!what.locks.empty()) parts.front() = word_of(what, what.locks.front().id) + " in " + parts.front();
        if (what.kind == kind::lock_rank_violation && what.locks.size() > 1)
            parts.front() += " while holding " + word_of(what, what.locks[1].id);
    }
    std::string out = what.variable.empty() ? std::string() : without_indices(what.variable) + ": ";
    for (std::size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? "" : ", ") + parts[i];
    return on_one_line(std::move(out));
}

std::string_view next_word(std::string_view& line) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    line = trimmed(line);
    return word;
}

bool is_id(std::string_view word) {
    return word.size() == 16 && word.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Why the line is none; empty: it is in.
std::string_view take(std::string_view line, baseline& into) {
    const std::string_view what = next_word(line);
    if (what == "edge") {
        if (line.find(" => ") == std::string_view::npos)
            return "not of the form: edge LOCK in FUNCTION => LOCK in FUNCTION";
        into.edges.emplace(line);
        return {};
    }
    if (what != "finding") return "begins with neither finding nor edge";
    const std::string_view id = next_word(line);
    if (!is_id(id)) return "the id is not 16 hexadecimal digits";
    const std::optional<kind> one = kind_named(next_word(line));
    if (!one) return "its kind is not known";
    const std::optional<verdict> how_sure = verdict_named(next_word(line));
    if (!how_sure) return "its verdict is not known";
    into.findings[std::string(id)] = {*one, *how_sure, std::string(line)};
    return {};
}

}  // namespace

bool is_baseline(std::string_view begin) noexcept { return begin.starts_with(magic); }

baseline baseline_of(const report_data& data, const run_summary& graph) {
    baseline made;
    made.has_edges = true;
    for (const finding& one : data.findings)
        if (!one.suppressed) made.findings[one.id] = {one.kind, one.verdict, description(one)};
    for (const auto& [key, seen] : edges_by_kind(graph)) made.edges.insert(on_one_line(edge_text(key)));
    return made;
}

std::string text_of(const baseline& all) {
    std::string out(magic);
    out += version;
    out +=
        "\n# Findings that are known, and the lock-order graph they were found in: --baseline fails on others only.\n";
    if (!all.has_edges) out += "# without edges\n";
    for (const auto& [id, one] : all.findings)
        out += "finding " + id + ' ' + std::string(name(one.kind)) + ' ' + std::string(name(one.verdict)) + ' ' +
               one.text + '\n';
    for (const std::string& one : all.edges) out += "edge " + one + '\n';
    return out;
}

std::optional<std::string> read_baseline(std::string_view path, std::string_view text, baseline& into) {
    into.has_edges = true;
    std::size_t number = 0;
    const auto wrong = [&](std::string_view why) {
        return std::string(path) + ':' + std::to_string(number) + ": " + std::string(why);
    };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (++number == 1) {
            if (!line.starts_with(magic)) return wrong("not a baseline: it does not begin with '# interlock baseline'");
            if (line.substr(magic.size()) != version) return wrong("a baseline of another version than 1");
        }
        if (line == "# without edges") into.has_edges = false;
        if (line.empty() || line.starts_with('#')) continue;
        if (const std::string_view why = take(line, into); !why.empty()) return wrong(why);
    }
    if (number == 0) return std::string(path) + ":1: not a baseline: it is empty";
    return std::nullopt;
}

difference compare(const baseline& before, const baseline& now) {
    difference made;
    for (const auto& [id, one] : now.findings) {
        const auto at = before.findings.find(id);
        (at == before.findings.end() ? made.fresh : made.still).emplace(id, one);
        if (at != before.findings.end() && at->second.verdict != one.verdict)
            made.verdict_before.emplace(id, at->second.verdict);
    }
    for (const auto& [id, one] : before.findings)
        if (!now.findings.contains(id)) made.gone.emplace(id, one);
    made.has_edges = before.has_edges && now.has_edges;
    if (!made.has_edges) return made;
    std::set_difference(now.edges.begin(), now.edges.end(), before.edges.begin(), before.edges.end(),
                        std::inserter(made.fresh_edges, made.fresh_edges.end()));
    std::set_difference(before.edges.begin(), before.edges.end(), now.edges.begin(), now.edges.end(),
                        std::inserter(made.gone_edges, made.gone_edges.end()));
    return made;
}

void mark_known(const baseline& all, report_data& data) {
    data.has_baseline = true;
    for (finding& one : data.findings) one.known = all.findings.contains(one.id);
}

}  // namespace interlock::findings
