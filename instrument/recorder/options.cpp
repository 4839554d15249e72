#include "instrument/recorder/options.hpp"

#include <sys/utsname.h>

#include <cstring>
#include <initializer_list>
#include <string_view>

namespace interlock::recorder {
namespace {

bool is_separator(char c) noexcept { return c == ':' || c == ' ' || c == '\t' || c == '\n'; }

bool parse_number(std::string_view text, std::uint64_t& out) noexcept {
    std::uint64_t value = 0;
    std::size_t at = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        if (value > (~std::uint64_t{0} - 9) / 10) return false;
        value = value * 10 + static_cast<std::uint64_t>(text[at] - '0');
    }
    if (at == 0) return false;
    unsigned shift = 0;
    if (at < text.size()) {
        switch (text[at++]) {
            case 'k':
            case 'K': shift = 10; break;
            case 'm':
            case 'M': shift = 20; break;
            case 'g':
            case 'G': shift = 30; break;
            default: return false;
        }
    }
    if (at != text.size() || value > (~std::uint64_t{0} >> shift)) return false;
    out = value << shift;
    return true;
}

bool parse_bool(std::string_view text, bool& out) noexcept {
    if (text == "1" || text == "true" || text == "yes" || text == "on") return out = true, true;
    if (text == "0" || text == "false" || text == "no" || text == "off") return out = false, true;
    return false;
}

bool parse_run(std::string_view text, std::uint64_t (&out)[2]) noexcept {
    if (text.size() != 32) return false;
    for (std::size_t i = 0; i < 32; ++i) {
        const char c = text[i];
        unsigned digit = 0;
        if (c >= '0' && c <= '9')
            digit = static_cast<unsigned>(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = static_cast<unsigned>(c - 'a') + 10;
        else
            return false;
        out[i / 16] = out[i / 16] << 4 | digit;
    }
    return true;
}

void copy(std::string_view text, char* out, std::size_t size) noexcept {
    const std::size_t count = text.size() < size - 1 ? text.size() : size - 1;
    std::memcpy(out, text.data(), count);
    out[count] = '\0';
}

bool copy_path(std::string_view text, char (&out)[path_size_max]) noexcept {
    if (text.empty() || text.size() >= path_size_max) return false;
    copy(text, out, path_size_max);
    return true;
}

bool copy_one_of(std::string_view text, std::initializer_list<std::string_view> choices, char (&out)[8]) noexcept {
    for (const std::string_view choice : choices)
        if (text == choice) return copy(text, out, sizeof out), true;
    return false;
}

/// Digits, with a fraction perhaps. 0 is nothing.
bool copy_seconds(std::string_view text, char (&out)[16]) noexcept {
    if (text.empty() || text.size() >= sizeof out) return false;
    std::size_t points = 0;
    bool zero = true;
    for (const char c : text) {
        points += c == '.';
        if (c != '.' && (c < '0' || c > '9')) return false;
        zero = zero && (c == '.' || c == '0');
    }
    if (points > 1 || points == text.size()) return false;
    copy(zero ? std::string_view{} : text, out, sizeof out);
    return true;
}

constexpr std::string_view race_modes[] = {"off", "detect", "sync-only", "sample"};

enum class outcome { done, unknown, malformed };

outcome apply(std::string_view key, std::string_view value, options& out) noexcept {
    const auto result = [](bool good) { return good ? outcome::done : outcome::malformed; };
    std::uint64_t number = 0;
    if (key == "level") {
        if (value == "order")
            out.level = format::log_level::order;
        else if (value == "full")
            out.level = format::log_level::full;
        else
            return outcome::malformed;
        return outcome::done;
    }
    if (key == "max_log") {
        if (!parse_number(value, number) || number < 64 * 1024) return outcome::malformed;
        out.max_log = number;
        return outcome::done;
    }
    if (key == "log_path") return result(out.log_path_chosen = copy_path(value, out.log_path));
    if (key == "run") return result(parse_run(value, out.run));
    if (key == "report") return result(parse_bool(value, out.report));
    if (key == "halt_on_error") return result(parse_bool(value, out.halt_on_error));
    if (key == "fail_unchecked") return result(parse_bool(value, out.fail_unchecked));
    if (key == "help") return result(parse_bool(value, out.help));
    if (key == "enabled") return result(parse_bool(value, out.on));
    if (key == "spurious_wakeups") return result(parse_bool(value, out.spurious_wakeups));
    if (key == "exitcode") {
        if (!parse_number(value, number) || number > 255) return outcome::malformed;
        out.exitcode = static_cast<int>(number);
        return outcome::done;
    }
    if (key == "race") {
        for (std::uint8_t mode = 0; mode < 4; ++mode)
            if (value == race_modes[mode]) return out.race = mode, outcome::done;
        return outcome::malformed;
    }
    if (key == "race_sample") {
        if (!parse_number(value, number) || number < 1 || number > 100) return outcome::malformed;
        out.race_sample = static_cast<std::uint32_t>(number);
        return outcome::done;
    }
    if (key == "command") return result(copy_path(value, out.command));
    if (key == "suppressions") return result(copy_path(value, out.suppressions));
    if (key == "baseline") return result(copy_path(value, out.baseline));
    if (key == "lock_order") return result(copy_path(value, out.lock_order));
    if (key == "strip_path_prefix") return result(copy_path(value, out.strip_path_prefix));
    if (key == "color") return result(copy_one_of(value, {"auto", "always", "never"}, out.color));
    if (key == "fail_on") return result(copy_one_of(value, {"error", "warning", "note", "never"}, out.fail_on));
    if (key == "on_deadlock") return result(copy_one_of(value, {"kill", "wait"}, out.on_deadlock));
    if (key == "watchdog") return result(copy_seconds(value, out.watchdog));
    return outcome::unknown;
}

}  // namespace

void parse_options(const char* text, options& out) noexcept {
    if (text == nullptr) return;
    const std::string_view all(text);
    for (std::size_t at = 0; at < all.size();) {
        if (is_separator(all[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < all.size() && !is_separator(all[end])) ++end;
        const std::string_view pair(all.data() + at, end - at);
        at = end;
        // no substr(): it can throw, and nothing of the C++ runtime is linked here
        std::size_t equals = 0;
        while (equals < pair.size() && pair[equals] != '=') ++equals;
        const std::string_view key(pair.data(), equals);
        const std::string_view value = equals == pair.size()
                                           ? std::string_view{}
                                           : std::string_view(pair.data() + equals + 1, pair.size() - equals - 1);
        switch (apply(key, value, out)) {
            case outcome::done: break;
            case outcome::unknown:
                if (out.unknown[0] == '\0') copy(key, out.unknown, sizeof out.unknown);
                break;
            case outcome::malformed:
                if (out.malformed[0] == '\0') copy(pair, out.malformed, sizeof out.malformed);
                break;
        }
    }
}

bool expand_log_path(const char* pattern, const char* program_name, int pid, char* out, std::size_t size) noexcept {
    std::size_t used = 0;
    const auto append = [&](std::string_view text) {
        if (used + text.size() >= size) return false;
        std::memcpy(out + used, text.data(), text.size());
        used += text.size();
        return true;
    };
    for (; *pattern != '\0'; ++pattern) {
        bool fits = true;
        if (*pattern != '%' || pattern[1] == '\0') {
            fits = append({pattern, 1});
        } else {
            switch (*++pattern) {
                case 'p': {
                    char digits[12];
                    std::size_t at = sizeof digits;
                    for (auto rest = static_cast<unsigned>(pid); at == sizeof digits || rest != 0; rest /= 10)
                        digits[--at] = static_cast<char>('0' + rest % 10);
                    fits = append({digits + at, sizeof digits - at});
                    break;
                }
                case 'e': fits = append(program_name); break;
                case 'h': {
                    utsname names{};
                    uname(&names);
                    fits = append(names.nodename);
                    break;
                }
                case 'c': fits = append(":"); break;
                case 's': fits = append(" "); break;
                case '%': fits = append("%"); break;
                default: fits = append({pattern - 1, 2}); break;
            }
        }
        if (!fits) return false;
    }
    out[used] = '\0';
    return used != 0;
}

const char options_help[] =
    "INTERLOCK_OPTIONS: key=value pairs separated by ':' or spaces\n"
    "  log_path=PATTERN  where the log goes (interlock.%e.%p.ilk); %p pid, %e program, %h host,\n"
    "                    %c a colon, %s a space, %% a percent sign\n"
    "  level=LEVEL       order: new dependencies only (default where linked); full: every operation\n"
    "  max_log=SIZE      size limit of the log, bytes or with K, M, G (1G); then full goes on as order\n"
    "  report=0|1        where linked: a line at the first inversion, a full report at exit (1)\n"
    "  halt_on_error=0|1 1: stop where a lock-order inversion or a race happens first, SIGTRAP under a debugger, else\n"
    "                    abort (0); it goes on where suppressions or baseline hide it\n"
    "  exitcode=N        exit status when that report has something, of a program that ended with 0 (66)\n"
    "  fail_on=SEVERITY  least severity that counts for it: error, warning (default), note or never\n"
    "  fail_unchecked=0|1  1: a GoogleTest test of which nothing, or not all, is recorded fails (0)\n"
    "  watchdog=SECONDS  where linked: watch for threads that are stuck for ever, and for a stall after so long\n"
    "  on_deadlock=ACTION  what the watcher then does besides reporting: kill (default) or wait\n"
    "  suppressions=FILE leave out what this file lists, in ThreadSanitizer's syntax\n"
    "  baseline=FILE     leave out what this file lists (interlock analyze --write-baseline): only new findings count\n"
    "  lock_order=FILE   hold what was seen against the order that this file declares, as --lock-order does\n"
    "  strip_path_prefix=PREFIX  cut this from the front of source paths\n"
    "  color=WHEN        auto (default), always or never\n"
    "  command=FILE      the command interlock, which makes the report (beside the library, else along PATH)\n"
    "  spurious_wakeups=0|1  1: every other wait of an interlock::condition_variable returns at once (0)\n"
    "  race=MODE         where linked with interlock-race: detect (default), sample, sync-only (atomics and locks are\n"
    "                    followed, accesses are not looked at) or off\n"
    "  race_sample=N     percent of the stretches between releases that mode sample looks at (10)\n"
    "  enabled=0|1       0 leaves the process alone (1)\n"
    "  help=1            this text\n";

}  // namespace interlock::recorder
