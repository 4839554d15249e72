// Names of errors as helgrind/hg_errors.c and drd/drd_error.h of Valgrind 3.19 have them.
#include "analysis/findings/valgrind_block.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <memory>

#include <cxxabi.h>

#include "analysis/findings/each_stack.hpp"
#include "analysis/findings/function_name.hpp"
#include "analysis/findings/pattern.hpp"
#include "analysis/findings/user_frames.hpp"

namespace interlock::findings {
namespace {

/// Which of our kinds an error of the two tools is.
struct error_kind {
    std::string_view error;
    findings::kind kind;
};

constexpr std::array error_kinds = {
    error_kind{"Helgrind:Race", kind::data_race},
    error_kind{"Helgrind:LockOrder", kind::lock_order_cycle},
    error_kind{"Helgrind:LockOrder", kind::deadlock},
    error_kind{"Helgrind:UnlockUnlocked", kind::unlock_not_held},
    error_kind{"Helgrind:UnlockForeign", kind::unlock_not_owner},
    error_kind{"Helgrind:UnlockBogus", kind::unlock_not_held},
    error_kind{"Helgrind:FreeMemLock", kind::destroy_while_held},
    error_kind{"Helgrind:PthAPIerror", kind::self_deadlock},
    error_kind{"Helgrind:PthAPIerror", kind::unlock_not_held},
    error_kind{"Helgrind:PthAPIerror", kind::unlock_not_owner},
    error_kind{"Helgrind:PthAPIerror", kind::destroy_while_held},
    error_kind{"Helgrind:Misc", kind::held_at_thread_exit},
    error_kind{"Helgrind:Misc", kind::condition_two_mutexes},
    error_kind{"Helgrind:Misc", kind::unlock_wrong_mode},
    error_kind{"Helgrind:Misc", kind::reinit_while_held},
    error_kind{"Helgrind:Misc", kind::destroy_while_held},
    error_kind{"drd:ConflictingAccess", kind::data_race},
    error_kind{"drd:MutexErr", kind::unlock_not_held},
    error_kind{"drd:MutexErr", kind::unlock_not_owner},
    error_kind{"drd:MutexErr", kind::destroy_while_held},
    error_kind{"drd:MutexErr", kind::reinit_while_held},
    error_kind{"drd:MutexErr", kind::self_deadlock},
    error_kind{"drd:MutexErr", kind::held_at_thread_exit},
    error_kind{"drd:RwlockErr", kind::unlock_not_held},
    error_kind{"drd:RwlockErr", kind::unlock_not_owner},
    error_kind{"drd:RwlockErr", kind::unlock_wrong_mode},
    error_kind{"drd:RwlockErr", kind::destroy_while_held},
    error_kind{"drd:RwlockErr", kind::reinit_while_held},
    error_kind{"drd:CondErr", kind::condition_two_mutexes},
    error_kind{"drd:HoldtimeErr", kind::spinlock_held_long},
};

bool is_wildcard(char c) noexcept { return c == '*' || c == '?'; }

std::string demangled(const std::string& symbol) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status),
                                                      std::free);
    return text ? text.get() : std::string();
}

/// The names that a mangled pattern spells out before its first wildcard: `_ZN4bank8transfer*` to `bank::transfer*`.
/// What follows the last name is left to the wildcard. Empty: it spells out none.
std::string spelt_names(std::string_view pattern) {
    std::string out;
    pattern.remove_prefix(2);
    while (!pattern.empty() && std::string_view("NKVLrR").find(pattern.front()) != std::string_view::npos)
        pattern.remove_prefix(1);
    const auto add = [&](std::string_view name) { out += (out.empty() ? "" : "::") + std::string(name); };
    if (pattern.starts_with("St")) {
        add("std");
        pattern.remove_prefix(2);
    }
    while (!pattern.empty()) {
        if (pattern.front() == 'L') pattern.remove_prefix(1);  // internal linkage
        std::size_t length = 0;
        std::size_t digits = 0;
        while (digits < pattern.size() && digits < 4 && std::isdigit(static_cast<unsigned char>(pattern[digits])) != 0)
            length = length * 10 + static_cast<std::size_t>(pattern[digits++] - '0');
        if (length == 0) break;
        pattern.remove_prefix(digits);
        const std::string_view name = pattern.substr(0, std::min(length, pattern.size()));
        const auto cut = static_cast<std::size_t>(std::find_if(name.begin(), name.end(), is_wildcard) - name.begin());
        add(name.substr(0, cut));
        if (cut < name.size()) break;
        pattern.remove_prefix(length);
    }
    return out.empty() ? out : out + '*';
}

/// A function's pattern as it is held against demangled names.
std::string readable(const std::string& pattern) {
    if (!pattern.starts_with("_Z")) return pattern;
    if (std::none_of(pattern.begin(), pattern.end(), is_wildcard)) {
        const std::string whole = demangled(pattern);
        return whole.empty() ? pattern : whole;
    }
    const std::string names = spelt_names(pattern);
    return names.empty() ? pattern : names;
}

}  // namespace

bool valgrind_block::is_library(const line& one) {
    frame like;
    switch (one.what) {
        case part::function: {
            like.function = one.pattern;
            const auto starts = [&](std::string_view with) { return one.pattern.starts_with(with); };
            return is_library_frame(like) || starts("pthread_") || starts("sem_") || starts("mythread_wrapper") ||
                   one.pattern.ends_with("_WRK");
        }
        case part::object:
            like.module = one.pattern;
            like.module.erase(std::remove(like.module.begin(), like.module.end(), '*'), like.module.end());
            return is_library_frame(like) || like.module.find("vgpreload_") != std::string::npos;
        case part::source:
        case part::any_frames: return false;
    }
    return false;
}

valgrind_block::line valgrind_block::function_line(const std::string& pattern) {
    line made{part::function, readable(pattern), {}};
    if (std::any_of(made.pattern.begin(), made.pattern.end(), is_wildcard)) return made;
    std::string plain = plain_function(made.pattern);
    if (plain.find("{lambda}") != std::string::npos) made.lambda = std::move(plain);
    return made;
}

std::optional<valgrind_block> valgrind_block::read(const std::vector<std::string_view>& lines, std::string& wrong,
                                                   std::size_t& wrong_line) {
    const auto fail = [&](std::size_t at, std::string why) {
        wrong_line = at;
        wrong = std::move(why);
        return std::nullopt;
    };
    if (lines.size() < 2) return fail(0, "a block needs a name and a line tool:error");
    valgrind_block made;
    made.name_ = lines[0];
    const std::string_view told = lines[1];
    const std::size_t colon = told.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == told.size())
        return fail(1, "not of the form tool:error");
    const std::string_view error = told.substr(colon + 1);
    for (std::string_view tools = told.substr(0, colon); !tools.empty();) {
        const std::string_view tool = tools.substr(0, tools.find(','));
        tools.remove_prefix(std::min(tool.size() + 1, tools.size()));
        for (const error_kind& one : error_kinds)
            if (one.error == std::string(tool) + ':' + std::string(error)) made.kinds_.push_back(one.kind);
    }
    if (made.kinds_.empty()) return made;  // lines of other tools have forms of their own
    for (std::size_t i = 2; i < lines.size(); ++i) {
        const std::string_view text = lines[i];
        if (text == "...")
            made.lines_.push_back({});
        else if (text.starts_with("fun:"))
            made.lines_.push_back(function_line(std::string(text.substr(4))));
        else if (text.starts_with("obj:"))
            made.lines_.push_back({part::object, std::string(text.substr(4)), {}});
        else if (text.starts_with("src:"))
            made.lines_.push_back({part::source, std::string(text.substr(4)), {}});
        else
            return fail(i, "not a frame (known: fun:, obj:, src:, ...)");
    }
    std::vector<line>& all = made.lines_;
    const auto is_users = [](const line& one) { return !is_library(one); };
    all.erase(all.begin(), std::find_if(all.begin(), all.end(), is_users));
    all.erase(std::find_if(all.rbegin(), all.rend(), is_users).base(), all.end());
    // Gaps alone, between or beside frames of libraries, would be everybody's.
    if (std::all_of(all.begin(), all.end(), [](const line& one) { return one.what == part::any_frames; })) all.clear();
    return made;
}

bool valgrind_block::fits(const line& one, const frame& at) const {
    switch (one.what) {
        case part::function: {
            const std::string plain = plain_function(at.function);
            return matches_whole(one.pattern, at.function) || matches_whole(one.pattern, plain) ||
                   (!one.lambda.empty() && one.lambda == plain);
        }
        case part::object: return matches_whole(one.pattern, at.module);
        case part::source: {
            const std::string file = at.file.substr(at.file.rfind('/') + 1);
            const std::string number = ':' + std::to_string(at.line);
            return matches_whole(one.pattern, file) || matches_whole(one.pattern, file + number) ||
                   matches_whole(one.pattern, at.file) || matches_whole(one.pattern, at.file + number);
        }
        case part::any_frames: return true;
    }
    return false;
}

/// As matches_whole, with frames for characters and the end left open.
bool valgrind_block::fits(const stack& frames) const {
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t gap = lines_.size();  // the last `...` met
    std::size_t resume = 0;
    while (at < lines_.size()) {
        if (lines_[at].what == part::any_frames) {
            gap = at++;
            resume = in;
        } else if (in < frames.size() && fits(lines_[at], frames[in])) {
            ++at;
            ++in;
        } else if (gap != lines_.size() && resume < frames.size()) {
            at = gap + 1;
            in = ++resume;
        } else {
            return false;
        }
    }
    return true;
}

bool valgrind_block::covers(const finding& what) const {
    return std::find(kinds_.begin(), kinds_.end(), what.kind) != kinds_.end() && !lines_.empty() &&
           any_stack(what, [&](const stack& frames) { return !frames.empty() && fits(frames); });
}

}  // namespace interlock::findings
