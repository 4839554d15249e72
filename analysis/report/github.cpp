// `::error file=bank.cpp,line=29,title=...::message`. How values are escaped: actions/toolkit, docs/commands.md.
#include "analysis/report/github.hpp"

#include <fmt/format.h>

#include "analysis/findings/names.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/explain.hpp"
#include "analysis/report/naming.hpp"
#include "analysis/report/steps.hpp"
#include "analysis/report/tally.hpp"
#include "analysis/report/text.hpp"

namespace interlock::report {

using findings::finding;
using findings::severity;

namespace {

constexpr std::uint64_t annotations_max = 10;
constexpr std::size_t steps_max = 16;
constexpr std::size_t line_max = 500;  // characters

std::string_view command_of(severity how_bad) {
    switch (how_bad) {
        case severity::error: return "error";
        case severity::warning: return "warning";
        case severity::note: return "notice";
    }
    return "notice";
}

std::string shown(std::string_view raw) { return shortened(printable(raw), line_max); }

std::string message_of(const finding& what, const options& how) {
    const std::string told = story(what);
    std::string out = shown(told.empty() ? what.message + "." : told);
    const std::vector<step> steps = steps_of(what);
    for (std::size_t i = 0; i < steps.size() && i < steps_max; ++i) {
        const step& one = steps[i];
        out += '\n';
        for (const std::string& word : {one.who, one.does, one.what})
            if (!word.empty()) out += shown(word) + ' ';
        out += one.at->empty() ? "at a place that is not known" : shown(place_and_function((*one.at)[0], how));
        if (!one.while_holding.empty()) out += ", holding " + shown(one.while_holding);
        if (!one.test.empty()) out += ", " + shown(one.test);
    }
    if (steps.size() > steps_max) out += fmt::format("\n... and {} more steps", steps.size() - steps_max);
    if (!what.why.empty()) out += fmt::format("\nIt is {}: {}.", findings::name(what.verdict), shown(what.why));
    if (!what.advice.empty()) out += (what.coffman ? "\nBreak it: " : "\nMend it: ") + shown(what.advice);
    return out;
}

std::string annotation_of(const finding& what, const options& how) {
    std::string out = fmt::format("::{} ", command_of(what.severity));
    const findings::stack& at = main_stack(what);
    if (!at.empty() && !at[0].file.empty()) {
        out += "file=" + command_property(printable(shown_path(at[0].file, how))) + ',';
        if (at[0].line != 0) out += fmt::format("line={},", at[0].line);
    }
    out +=
        "title=" + command_property(fmt::format("interlock: {} [{}]", title(what.kind), findings::name(what.verdict)));
    return out + "::" + command_data(message_of(what, how)) + '\n';
}

std::string escaped(std::string_view text, bool is_property) {
    std::string out;
    for (const char c : text) {
        if (c == '%')
            out += "%25";
        else if (c == '\r')
            out += "%0D";
        else if (c == '\n')
            out += "%0A";
        else if (is_property && c == ':')
            out += "%3A";
        else if (is_property && c == ',')
            out += "%2C";
        else
            out += c;
    }
    return out;
}

}  // namespace

std::string command_data(std::string_view text) { return escaped(text, false); }
std::string command_property(std::string_view text) { return escaped(text, true); }

std::string github_report(const findings::report_data& data, const options& how) {
    std::string out;
    std::uint64_t told = 0;
    for (const finding& one : data.findings)
        if (one.is_told() && told < annotations_max) {
            out += annotation_of(one, how);
            ++told;
        }
    const tally all = tally_of(data);
    std::string closing = closing_text(data);
    closing.pop_back();  // its newline
    if (all.told() > told)
        closing += fmt::format("\n{} not shown here; the text and SARIF reports have them all",
                               counted(all.told() - told, "more finding"));
    return out + "::notice title=interlock::" + command_data(closing) + '\n';
}

}  // namespace interlock::report
