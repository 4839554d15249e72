// GitHub Flavored Markdown. What comes from the program stands in code alone, where nothing is a mention or a link: inline as
// <code> with every punctuation mark as a character reference, which is never markup (CommonMark 0.30, 2.5), else fenced.
#include "analysis/report/markdown.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/findings/names.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/naming.hpp"
#include "analysis/report/quote.hpp"
#include "analysis/report/steps.hpp"
#include "analysis/report/tally.hpp"
#include "analysis/report/text.hpp"

namespace interlock::report {

using findings::finding;
using findings::severity;

namespace {

constexpr std::size_t code_max = 160;  // characters
constexpr std::size_t closing_max = 4'000;

std::string_view mark_of(severity how_bad) {
    switch (how_bad) {
        case severity::error: return ":red_circle: error";
        case severity::warning: return ":warning: warning";
        case severity::note: return ":information_source: note";
    }
    return "";
}

/// A fence is longer than any row of backticks in what it encloses.
std::string fenced(std::string_view text) {
    std::size_t longest = 2;
    for (std::size_t i = 0, row = 0; i < text.size(); ++i)
        longest = std::max(longest, row = text[i] == '`' ? row + 1 : 0);
    const std::string fence(longest + 1, '`');
    return fmt::format("{}text\n{}{}{}\n", fence, text, text.ends_with('\n') ? "" : "\n", fence);
}

std::string where(const finding& what, const options& how) {
    const findings::stack& at = main_stack(what);
    return at.empty() ? "at a place that is not known" : markdown_code(place_and_function(at[0], how));
}

std::string row_of(const finding& what, const options& how) {
    return fmt::format("| {} | {} | {} | {} |\n", mark_of(what.severity), title(what.kind),
                       findings::name(what.verdict), where(what, how));
}

std::string folded(const finding& what, const findings::report_data& data, const options& how, source_lines& sources) {
    return fmt::format("\n<details><summary>{} [{}] {}</summary>\n\n{}\n</details>\n", title(what.kind),
                       findings::name(what.verdict), where(what, how), fenced(finding_text(what, data, how, sources)));
}

}  // namespace

std::string markdown_code(std::string_view text) {
    std::string out = "<code>";
    for (const char c : shortened(printable(text), code_max)) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
                              static_cast<unsigned char>(c) >= 0x80;
        if (is_plain)
            out += c;
        else
            out += fmt::format("&#{};", static_cast<int>(c));
    }
    return out + "</code>";
}

std::string markdown_report(const findings::report_data& data, const options& how) {
    const tally all = tally_of(data);
    std::string out = fmt::format("### interlock: {}\n", as_words(all));
    std::string closing = closing_text(data);
    if (closing.size() > closing_max) closing = shortened(closing, closing_max) + '\n';
    const std::size_t room =
        markdown_size_max - out.size() - closing.size() - 500;  // for the notes on what was left out
    std::string rows;
    std::string details;
    std::uint64_t listed = 0;
    std::uint64_t unfolded = 0;
    source_lines sources;
    options plain = how;
    plain.colour = false;
    for (const finding& one : data.findings) {
        if (!one.is_told()) continue;
        const std::string row = row_of(one, plain);
        if (rows.size() + details.size() + row.size() > room) break;
        rows += row;
        ++listed;
        const std::string more = folded(one, data, plain, sources);
        // A quarter is kept for the rows of the findings to come.
        if (unfolded + 1 != listed || rows.size() + details.size() + more.size() > room / 4 * 3) continue;
        details += more;
        ++unfolded;
    }
    if (listed > 0) out += "\n| severity | finding | verdict | where |\n| --- | --- | --- | --- |\n" + rows;
    if (all.told() > listed)
        out += fmt::format("\n{} not listed here.\n", counted(all.told() - listed, "more finding"));
    out += details;
    if (listed > unfolded) out += fmt::format("\nThe text report tells the other {} in full.\n", listed - unfolded);
    return out + "\n<details><summary>What was looked at</summary>\n\n" + fenced(closing) + "\n</details>\n";
}

}  // namespace interlock::report
