// A comment with a mistake in it is told and does not count: silence is never an accident.
#include "analysis/findings/source_comments.hpp"

#include <algorithm>
#include <cctype>

#include "analysis/findings/each_stack.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/findings/suppressions.hpp"
#include "analysis/findings/trimmed.hpp"
#include "analysis/findings/user_frames.hpp"

namespace interlock::findings {
namespace {

/// The words between the parentheses.
void read_kinds(std::string_view text, allowance& into) {
    constexpr std::string_view until = " until ";
    if (const std::size_t at = text.find(until); at != std::string_view::npos) {
        into.until = trimmed(text.substr(at + until.size()));
        text = text.substr(0, at);
        if (!is_day(into.until)) into.wrong = "until needs a day as YYYY-MM-DD";
    }
    for (bool more = true; more;) {
        const std::size_t comma = text.find(',');
        const std::string_view word = trimmed(text.substr(0, comma));
        more = comma != std::string_view::npos;
        if (more) text.remove_prefix(comma + 1);
        if (const std::optional<kind> one = kind_named(word))
            into.kinds.push_back(*one);
        else
            into.wrong = "'" + std::string(word) + "' is no kind of finding";
    }
}

bool is_only_a_comment(std::string_view line) {
    const std::string_view text = trimmed(line);
    return text.starts_with("//") || text.starts_with("/*") || text.starts_with('*');
}

/// How much of the line a literal takes whose opening quote stands first. A plain one that does not end here is none (the quote ends one
/// that began in a line above), unless the line goes on below.
std::size_t length_of_literal(std::string_view line, bool raw) {
    if (raw) {
        const std::size_t open = line.find('(');
        if (open == std::string_view::npos) return line.size();
        const std::string close = ')' + std::string(line.substr(1, open - 1)) + '"';
        const std::size_t end = line.find(close, open);
        return end == std::string_view::npos ? line.size() : end + close.size();
    }
    for (std::size_t i = 1; i < line.size(); ++i) {
        if (line[i] == line[0]) return i + 1;
        if (line[i] == '\\' && ++i == line.size()) return i;
    }
    return 1;
}

bool is_of_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// A name or a number, with what separates its digits.
std::size_t length_of_word(std::string_view line) {
    const bool number = std::isdigit(static_cast<unsigned char>(line[0])) != 0;
    std::size_t i = 1;
    while (i < line.size() &&
           (is_of_word(line[i]) || (number && line[i] == '\'' && i + 1 < line.size() && is_of_word(line[i + 1]))))
        ++i;
    return i;
}

/// The first comment of the line, its opening sign with it; takes it and what stands before it from `line`. Empty: there is none.
std::string_view next_comment(std::string_view& line) {
    bool raw = false;  // the word before says that a literal is
    while (!line.empty()) {
        std::size_t length = 1;
        const bool is_word = is_of_word(line[0]);
        if (line.starts_with("//") || line.starts_with("/*")) {
            const std::size_t end = line[1] == '/' ? std::string_view::npos : line.find("*/", 2);
            const std::string_view comment = line.substr(0, end);
            line.remove_prefix(std::min(line.size(), comment.size() + 2));
            return comment;
        }
        if (line[0] == '"' || line[0] == '\'')
            length = length_of_literal(line, raw && line[0] == '"');
        else if (is_word)
            length = length_of_word(line);
        const std::string_view word = line.substr(0, length);
        raw = is_word && (word == "R" || word == "LR" || word == "uR" || word == "UR" || word == "u8R");
        line.remove_prefix(length);
    }
    return {};
}

}  // namespace

std::optional<allowance> allowance_in(std::string_view line) {
    constexpr std::string_view mark = "interlock:";
    constexpr std::string_view verb = "allow";
    std::string_view comment;
    std::size_t at = std::string_view::npos;
    do {
        comment = next_comment(line);
        at = comment.find(mark);
    } while (at == std::string_view::npos && !comment.empty());
    if (comment.empty()) return std::nullopt;
    std::string_view text = trimmed(comment.substr(at + mark.size()));
    if (!text.starts_with(verb)) return std::nullopt;
    text = trimmed(text.substr(verb.size()));
    allowance made;
    const std::size_t end = text.find(')');
    if (!text.starts_with('(') || end == std::string_view::npos) {
        made.wrong = "not of the form allow(kind) reason";
        return made;
    }
    read_kinds(text.substr(1, end - 1), made);
    text = text.substr(end + 1);
    made.reason = trimmed(text);
    if (made.reason.empty() && made.wrong.empty()) made.wrong = "it gives no reason";
    return made;
}

const std::optional<allowance>& source_comments::at(const place& where) {
    const auto [it, fresh] = seen_.try_emplace(where);
    if (!fresh) return it->second;
    it->second = allowance_in(read_(where.first, where.second).value_or(""));
    if (!it->second) return it->second;
    allowance& one = *it->second;
    if (one.wrong.empty() && is_expired(one)) one.wrong = "it expired on " + one.until;
    if (!one.wrong.empty())
        problems_.push_back(where.first + ':' + std::to_string(where.second) + ": interlock: allow: " + one.wrong);
    return it->second;
}

template <typename Take>
void source_comments::each_beside(const frame& where, Take&& take) {
    if (where.file.empty() || where.line == 0) return;
    for (const std::uint32_t number : {where.line, where.line - 1}) {
        if (number == 0 || (number != where.line && !is_only_a_comment(read_(where.file, number).value_or(""))))
            continue;
        const std::optional<allowance>& one = at({where.file, number});
        if (one && one->wrong.empty()) take(place{where.file, number}, *one);
    }
}

void source_comments::allow_at(const frame& where, finding& what) {
    each_beside(where, [&](const place& comment, const allowance& one) {
        if (std::find(one.kinds.begin(), one.kinds.end(), what.kind) == one.kinds.end()) return;
        used_.insert(comment);
        if (what.suppressed) return;
        what.suppressed = what.suppressed_in_source = true;
        what.suppressed_by = comment.first + ':' + std::to_string(comment.second) + ": " + one.reason;
    });
}

void source_comments::note_files(const stack& frames) {
    for (const frame& one : frames)
        if (!one.file.empty() && !is_library_frame(one)) files_.insert(one.file);
}

void source_comments::apply(finding& what) {
    any_stack(what, [&](const stack& frames) {
        note_files(frames);
        if (!frames.empty()) allow_at(frames.front(), what);
        return false;  // all comments that allow it are used
    });
}

void source_comments::pass(const stack& frames) {
    note_files(frames);
    if (!frames.empty()) each_beside(frames.front(), [](const place&, const allowance&) {});
}

std::vector<std::string> source_comments::unused() const {
    std::vector<std::string> out;
    for (const std::string& file : files_) {
        std::uint32_t number = 1;
        for (auto line = read_(file, number); line; line = read_(file, ++number)) {
            const std::optional<allowance> one = allowance_in(*line);
            if (!one || !one->wrong.empty() || is_expired(*one) || used_.contains({file, number})) continue;
            out.push_back(file + ':' + std::to_string(number) + ": interlock: allow: " + one->reason);
        }
    }
    return out;
}

}  // namespace interlock::findings
