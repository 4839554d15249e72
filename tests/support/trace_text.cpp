#include "tests/support/trace_text.hpp"

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "tests/support/trace_interpreter.hpp"

namespace interlock::testing {

namespace flag = format::lock_flags;

namespace {

std::string trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

}  // namespace

[[noreturn]] void refuse(std::string_view what, std::string_view where) {
    std::fprintf(stderr, "trace_text: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(where.size()), where.data());
    std::abort();
}

std::uint32_t count_in(const statement& s, std::size_t at) {
    return at < s.words.size() ? static_cast<std::uint32_t>(std::strtoul(s.words[at].c_str(), nullptr, 0)) : 0;
}

void trace_interpreter::line(std::string_view text) {
    const std::string whole = trimmed(text.substr(0, text.find('#')));
    if (whole.empty()) return;
    const auto colon = whole.find(':');
    if (colon == std::string::npos) {
        std::istringstream words(whole);
        std::string word;
        words >> word;
        const auto type = type_named(word);
        if (!type) refuse("no such type", whole);
        while (words >> word) declared_[word] = *type;
        return;
    }
    const std::string who = trimmed(std::string_view(whole).substr(0, colon));
    std::istringstream parts(whole.substr(colon + 1));
    for (std::string part; std::getline(parts, part, ';');)
        if (!trimmed(part).empty()) run(who, parse(who, trimmed(part)));
}

statement trace_interpreter::parse(const std::string& who, const std::string& text) {
    static const std::map<std::string, std::uint8_t, std::less<>> flag_words{
        {"shared", flag::shared},      {"timed", flag::timed},         {"try", flag::attempt},
        {"grouped", flag::grouped},    {"contended", flag::contended}, {"in_signal", flag::in_signal},
        {"succeeded", flag::succeeded}};
    statement s;
    std::istringstream words(text);
    words >> s.verb;
    for (std::string word; words >> word;) {
        const auto found = flag_words.find(word);
        if (word.front() == '@')
            s.site = word.substr(1);
        else if (found != flag_words.end())
            s.flags |= found->second;
        else
            s.words.push_back(word);
    }
    if (s.site.empty()) s.site = who + " " + s.verb + (s.words.empty() ? "" : " " + s.words.front());
    return s;
}

void trace_interpreter::run(const std::string& name, const statement& s) {
    actor& who = started(name);
    if (run_lock(who, s) || run_condition(who, s) || run_agent(who, s) || run_misuse(who, s) || run_name(who, s) ||
        run_log(who, s))
        return;
    const auto with_number = number_verbs().find(s.verb);
    if (with_number != number_verbs().end()) {
        const bool names_handler = s.verb == "open" || s.verb == "signal_enter";
        const std::uint32_t handler = !names_handler ? 0 : s.words.size() > 1 ? count_in(s, 1) : 1;
        record(who, with_number->second, 0, s.site, handler, count_in(s, 0));
        return;
    }
    const auto plain = plain_verbs().find(s.verb);
    if (plain == plain_verbs().end() || s.words.empty()) refuse("no such operation", s.verb);
    const format::event_kind kind = plain->second.kind;
    const format::object_id object = object_of(who, s.words[0], plain->second.type);
    // Waiting kinds leave a want in the state page until the agent's next operation on the object.
    const bool waits = kind == format::event_kind::semaphore_request || kind == format::event_kind::latch_wait ||
                       kind == format::event_kind::once_wait || kind == format::event_kind::event_wait ||
                       kind == format::event_kind::future_wait || kind == format::event_kind::barrier_arrive;
    const bool failed = kind == format::event_kind::try_failed || kind == format::event_kind::semaphore_try_failed;
    const std::uint8_t flags =
        kind == format::event_kind::try_failed ? static_cast<std::uint8_t>(s.flags | flag::attempt) : s.flags;
    hold_or_release(who, object, kind, flags, s.site);
    if (failed) who.failed_try = object;
    if (waits)
        builder_.want(who.id, format::number(object), flags, kind, address_of(s.site.substr(0, s.site.find('<'))));
    else
        builder_.end_want(who.id);
    const std::uint32_t sequence = format::is_numbered(kind) ? builder_.next_number(object)
                                   : failed                  ? format::number(stack_of(who, s.site))
                                                             : 0;
    record(who, kind, flags, s.site, format::number(object), sequence);
}

text_log trace_interpreter::finish() {
    made_.image = builder_.image();
    return std::move(made_);
}

text_log make_log(std::string_view text, const log_builder_options& options) {
    trace_interpreter reader(options);
    while (!text.empty()) {
        const auto end = text.find('\n');
        reader.line(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return reader.finish();
}

}  // namespace interlock::testing
