// Reading by line, matching by entry. Both kinds of file may be mixed: a line that is `{` begins one of Valgrind's blocks.
// Which reports a type of entry is about is as in compiler-rt, tsan_suppressions.cpp.
#include "analysis/findings/suppressions.hpp"

#include <algorithm>
#include <chrono>

#include "analysis/findings/each_stack.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/findings/pattern.hpp"
#include "analysis/findings/trimmed.hpp"

namespace interlock::findings {
namespace {

bool is_about_order(kind what) {
    return what == kind::lock_order_cycle || what == kind::deadlock || what == kind::self_deadlock ||
           what == kind::stalled || what == kind::lock_rank_violation || what == kind::pool_exhausted ||
           what == kind::suspend_while_holding;
}

bool is_race(kind what) { return what == kind::data_race || what == kind::atomicity_violation; }

/// ThreadSanitizer counts a second lock by the same thread as misuse.
bool is_misuse(kind what) { return what == kind::self_deadlock || (!is_about_order(what) && !is_race(what)); }

bool in_frame(std::string_view pattern, const frame& one) {
    return matches(pattern, one.function) || matches(pattern, one.file) || matches(pattern, one.module);
}

bool in_stack(std::string_view pattern, const stack& frames) {
    return std::any_of(frames.begin(), frames.end(), [&](const frame& one) { return in_frame(pattern, one); });
}

/// In a stack on which it happened.
bool anywhere(std::string_view pattern, const finding& what) {
    return any_stack(what, [&](const stack& frames) { return in_stack(pattern, frames); });
}

bool where_created(std::string_view pattern, const finding& what) {
    return std::any_of(what.threads.begin(), what.threads.end(),
                       [&](const thread& each) { return in_stack(pattern, each.created_at); });
}

std::optional<std::string_view> behind(std::string_view word, std::string_view comment) {
    if (!comment.starts_with(word)) return std::nullopt;
    return trimmed(comment.substr(word.size()));
}

}  // namespace

bool is_day(std::string_view text) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const auto number = [&](std::size_t from, std::size_t count) {
        int value = 0;
        for (const char c : text.substr(from, count)) {
            if (c < '0' || c > '9') return -1;
            value = value * 10 + (c - '0');
        }
        return value;
    };
    const std::chrono::year_month_day day{std::chrono::year{number(0, 4)},
                                          std::chrono::month{static_cast<unsigned>(number(5, 2))},
                                          std::chrono::day{static_cast<unsigned>(number(8, 2))}};
    return day.year() > std::chrono::year{0} && day.ok();
}

std::optional<suppressions::line_entry> suppressions::line_entry_of(std::string_view word) noexcept {
    if (word == "deadlock") return line_entry{subject::deadlock, {}, {}};
    if (word == "mutex") return line_entry{subject::mutex, {}, {}};
    if (word == "thread") return line_entry{subject::thread, {}, {}};
    if (word == "signal") return line_entry{subject::signal, {}, {}};
    if (word == "called_from_lib") return line_entry{subject::called_from_lib, {}, {}};
    if (word == "race") return line_entry{subject::race, {}, {}};
    if (word == "race_top") return line_entry{subject::race_top, {}, {}};
    if (word == "lock") return line_entry{subject::lock, {}, {}};
    if (const std::optional<kind> one = kind_named(word)) return line_entry{subject::kind, *one, {}};
    return std::nullopt;
}

/// One pass over a file's lines.
class suppressions::reader {
public:
    reader(std::string_view path, std::vector<entry>& into) : path_{path}, into_{into} {}

    std::optional<std::string> read(std::string_view text) {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            const std::string_view line = trimmed(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
            ++number_;
            if (auto wrong = line.starts_with('#') ? take_comment(trimmed(line.substr(1))) : take_line(line))
                return wrong;
        }
        if (block_began_ != 0) return place(block_began_) + ": this block is not closed by a line }";
        return std::nullopt;
    }

private:
    std::string place(std::size_t number) const { return std::string(path_) + ':' + std::to_string(number); }
    std::string wrong(std::string_view why) const { return place(number_) + ": " + std::string(why); }

    std::optional<std::string> take_comment(std::string_view comment) {
        if (const auto reason = behind("reason:", comment)) reason_ = *reason;
        if (const auto day = behind("expires:", comment)) {
            if (day->empty()) return std::nullopt;  // as drafted: a place for a date
            if (!is_day(*day)) return wrong("expires: needs a day as YYYY-MM-DD");
            expires_ = *day;
        }
        return std::nullopt;
    }

    std::optional<std::string> take_line(std::string_view line) {
        if (line.empty()) return std::nullopt;
        if (block_began_ != 0)
            return line == "}" ? end_block() : (block_.push_back(line), block_lines_.push_back(number_), std::nullopt);
        if (line == "{") {
            block_began_ = number_;
            return std::nullopt;
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) return wrong("not of the form type:pattern");
        std::optional<line_entry> made = line_entry_of(line.substr(0, colon));
        if (!made && line.substr(0, colon) != "atomicity")
            return wrong(
                "unknown type (known: deadlock, mutex, thread, signal, called_from_lib, race, race_top, lock, "
                "and the kinds of findings)");
        if (made) {
            made->pattern = line.substr(colon + 1);
            add(std::move(*made), number_, line);
        }
        return std::nullopt;
    }

    std::optional<std::string> end_block() {
        std::string why;
        std::size_t at = 0;
        std::optional<valgrind_block> made = valgrind_block::read(block_, why, at);
        if (!made) return place(at < block_lines_.size() ? block_lines_[at] : block_began_) + ": " + why;
        const std::string name = made->name();
        if (!made->is_foreign()) add(std::move(*made), block_began_, name);
        block_.clear();
        block_lines_.clear();
        block_began_ = 0;
        return std::nullopt;
    }

    template <typename What>
    void add(What what, std::size_t number, std::string_view text) {
        into_.push_back({std::move(what), place(number) + ": " + std::string(text), std::move(reason_),
                         std::move(expires_), false});
        reason_.clear();
        expires_.clear();
    }

    std::string_view path_;
    std::vector<entry>& into_;
    std::size_t number_ = 0;
    std::string reason_;
    std::string expires_;
    std::size_t block_began_ = 0;  // line of its brace; 0: none is open
    std::vector<std::string_view> block_;
    std::vector<std::size_t> block_lines_;
};

std::optional<std::string> suppressions::add(std::string_view path, std::string_view text) {
    return reader(path, entries_).read(text);
}

bool suppressions::covers(const line_entry& one, const finding& what) {
    const std::string_view pattern = one.pattern;
    switch (one.what) {
        case subject::deadlock: return is_about_order(what.kind) && anywhere(pattern, what);
        case subject::mutex: return is_misuse(what.kind) && anywhere(pattern, what);
        case subject::thread:
            return what.kind == kind::held_at_thread_exit && (anywhere(pattern, what) || where_created(pattern, what));
        case subject::signal: return what.is_of_handler() && anywhere(pattern, what);
        case subject::kind: return what.kind == one.kind && anywhere(pattern, what);
        case subject::race: return is_race(what.kind) && (anywhere(pattern, what) || matches(pattern, what.variable));
        case subject::race_top:
            return is_race(what.kind) &&
                   any_stack(what, [&](const stack& frames) { return in_frame(pattern, frames.front()); });
        case subject::called_from_lib:
            return any_stack(
                what, [&](const stack& frames) { return !frames.empty() && matches(pattern, frames.front().module); });
        case subject::lock:
            return std::any_of(what.locks.begin(), what.locks.end(), [&](const lock& each) {
                return matches(pattern, each.name) || matches(pattern, each.lock_class) ||
                       in_stack(pattern, each.created_at);
            });
    }
    return false;
}

bool suppressions::covers(const entry& one, const finding& what) {
    return std::visit(
        [&](const auto& each) {
            if constexpr (std::is_same_v<std::decay_t<decltype(each)>, valgrind_block>)
                return each.covers(what);
            else
                return covers(each, what);
        },
        one.what);
}

void suppressions::apply(finding& what) {
    for (entry& one : entries_) {
        if (is_expired(one) || !covers(one, what)) continue;
        one.used = true;
        if (what.suppressed) continue;
        what.suppressed = true;
        what.suppressed_by = one.place + (one.reason.empty() ? "" : " (" + one.reason + ')');
    }
}

std::vector<std::string> suppressions::unused() const {
    std::vector<std::string> out;
    for (const entry& one : entries_)
        if (!one.used && !is_expired(one)) out.push_back(one.place);
    return out;
}

std::vector<std::string> suppressions::expired() const {
    std::vector<std::string> out;
    for (const entry& one : entries_)
        if (is_expired(one)) out.push_back(one.place + " (expired " + one.expires + ')');
    return out;
}

}  // namespace interlock::findings
