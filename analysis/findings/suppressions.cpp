// Parsing by line, matching by entry. Entries for things this tool does not find (signal, ...) are accepted: files are shared with
// ThreadSanitizer.
#include "analysis/findings/suppressions.hpp"

#include <algorithm>

namespace interlock::findings {
namespace {

bool is_about_order(kind what) {
    return what == kind::lock_order_cycle || what == kind::deadlock || what == kind::self_deadlock ||
           what == kind::stalled || what == kind::lock_rank_violation || what == kind::signal_unsafe_lock ||
           what == kind::pool_exhausted || what == kind::suspend_while_holding;
}

bool is_race(kind what) { return what == kind::data_race || what == kind::atomicity_violation; }

bool in_frame(std::string_view pattern, const frame& one) {
    return matches(pattern, one.function) || matches(pattern, one.file) || matches(pattern, one.module);
}

bool in_stack(std::string_view pattern, const stack& frames) {
    return std::any_of(frames.begin(), frames.end(), [&](const frame& one) { return in_frame(pattern, one); });
}

/// Calls `test` with each stack on which the finding happened, until one passes.
bool any_stack(const finding& what, const auto& test) {
    if (test(what.stack)) return true;
    if (std::any_of(what.accesses.begin(), what.accesses.end(), [&](const access& side) { return test(side.stack); }))
        return true;
    return std::any_of(what.edges.begin(), what.edges.end(),
                       [&](const edge& side) { return test(side.held_stack) || test(side.wanted_stack); });
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) noexcept {
    if (text.empty() || pattern.empty()) return false;
    bool anchored = pattern.starts_with('^');
    if (anchored) pattern.remove_prefix(1);
    const bool to_the_end = pattern.ends_with('$');
    if (to_the_end) pattern.remove_suffix(1);
    std::size_t at = 0;
    for (;;) {
        const std::size_t star = pattern.find('*');
        const std::string_view part = pattern.substr(0, star);
        if (star == std::string_view::npos) {
            if (to_the_end) {
                const bool fits = anchored ? text.substr(at) == part : text.substr(at).ends_with(part);
                return fits;
            }
            return anchored ? text.substr(at).starts_with(part) : text.find(part, at) != std::string_view::npos;
        }
        if (anchored) {
            if (!text.substr(at).starts_with(part)) return false;
            at += part.size();
        } else {
            const std::size_t found = text.find(part, at);
            if (found == std::string_view::npos) return false;
            at = found + part.size();
        }
        anchored = false;
        pattern.remove_prefix(star + 1);
    }
}

std::optional<suppressions::subject> suppressions::subject_named(std::string_view word) noexcept {
    if (word == "deadlock") return subject::deadlock;
    if (word == "mutex") return subject::mutex;
    if (word == "thread") return subject::thread;
    if (word == "called_from_lib") return subject::called_from_lib;
    if (word == "race") return subject::race;
    if (word == "race_top") return subject::race_top;
    return std::nullopt;
}

std::optional<std::string> suppressions::add(std::string_view path, std::string_view text) {
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        const auto trim = [&] {
            while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
            while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
                line.remove_suffix(1);
        };
        trim();
        if (line.empty() || line.front() == '#') continue;
        const std::string place = std::string(path) + ':' + std::to_string(number);
        const std::size_t colon = line.find(':');
        const std::string_view word = line.substr(0, colon);
        if (colon == std::string_view::npos || colon + 1 == line.size())
            return place + ": not of the form type:pattern";
        if (word == "signal" || word == "atomicity") continue;
        const std::optional<subject> what = subject_named(word);
        if (!what)
            return place + ": unknown type (known: deadlock, mutex, thread, called_from_lib, race, race_top, signal)";
        entries_.push_back({*what, std::string(line.substr(colon + 1)), place + ": " + std::string(line), false});
    }
    return std::nullopt;
}

bool suppressions::covers(const entry& one, const finding& what) {
    const std::string_view pattern = one.pattern;
    const auto in_any_frame = [&](const stack& frames) { return in_stack(pattern, frames); };
    const auto in_top_frame = [&](const stack& frames) { return !frames.empty() && in_frame(pattern, frames.front()); };
    switch (one.what) {
        case subject::deadlock: return is_about_order(what.kind) && any_stack(what, in_any_frame);
        case subject::race: return is_race(what.kind) && any_stack(what, in_any_frame);
        case subject::race_top: return is_race(what.kind) && any_stack(what, in_top_frame);
        case subject::called_from_lib:
            return any_stack(
                what, [&](const stack& frames) { return !frames.empty() && matches(pattern, frames.front().module); });
        case subject::mutex:
            return std::any_of(what.locks.begin(), what.locks.end(),
                               [&](const lock& each) {
                                   return matches(pattern, each.name) || matches(pattern, each.lock_class) ||
                                          in_stack(pattern, each.created_at);
                               }) ||
                   (!is_about_order(what.kind) && !is_race(what.kind) && any_stack(what, in_any_frame));
        case subject::thread:
            return std::any_of(what.threads.begin(), what.threads.end(), [&](const thread& each) {
                return matches(pattern, each.name) || in_stack(pattern, each.created_at);
            });
    }
    return false;
}

void suppressions::apply(report_data& data) {
    for (finding& what : data.findings)
        for (entry& one : entries_)
            if (covers(one, what)) what.suppressed = one.used = true;
}

std::vector<std::string> suppressions::unused() const {
    std::vector<std::string> out;
    for (const entry& one : entries_)
        if (!one.used) out.push_back(one.place);
    return out;
}

}  // namespace interlock::findings
