// Innermost frames first, each as the narrowest pattern that still matches it.
#include "analysis/report/suppression_draft.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "analysis/findings/function_name.hpp"
#include "analysis/findings/instances.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/findings/pattern.hpp"
#include "analysis/findings/suppressions.hpp"
#include "analysis/findings/user_frames.hpp"
#include "analysis/report/arrange.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/explain.hpp"
#include "analysis/report/naming.hpp"
#include "analysis/report/tally.hpp"

namespace interlock::report {

using findings::finding;
using findings::frame;
using findings::kind;
using findings::stack;

namespace {

constexpr std::size_t entries_max = 6;   // offered for one finding
constexpr std::size_t depth_max = 8;     // of the frames looked at
constexpr std::size_t others_max = 200;  // findings that an entry is held against, so that thousands take no hours

std::string_view type_of(kind what) {
    switch (what) {
        case kind::lock_order_cycle:
        case kind::deadlock:
        case kind::self_deadlock:
        case kind::stalled:
        case kind::lock_rank_violation:
        case kind::pool_exhausted:
        case kind::suspend_while_holding: return "deadlock";
        case kind::data_race:
        case kind::atomicity_violation: return "race";
        case kind::unlock_not_held:
        case kind::unlock_not_owner:
        case kind::unlock_wrong_mode:
        case kind::destroy_while_held:
        case kind::reinit_while_held:
        case kind::condition_two_mutexes: return "mutex";
        case kind::held_at_thread_exit:
        case kind::broken_promise:
        case kind::handler_overrun:
        case kind::spinlock_held_long:
        case kind::spinlock_held_blocking:
        case kind::wait_without_loop: return findings::name(what);
    }
    return findings::name(what);
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The narrowest pattern for a text: all of it where the syntax can say so.
std::string pattern_for(std::string text) {
    std::replace(text.begin(), text.end(), '$', '*');
    const std::string whole = '^' + text + '$';
    return findings::matches(whole, text) ? whole : '^' + text;
}

class patterns {
public:
    void add(std::string one) {
        if (one.find_first_of("\r\n") != std::string::npos) return;
        if (std::find(all_.begin(), all_.end(), one) == all_.end()) all_.push_back(std::move(one));
    }
    const std::vector<std::string>& all() const noexcept { return all_; }

private:
    std::vector<std::string> all_;
};

/// The stacks of a finding, those of requests before those of holds.
std::vector<const stack*> stacks_of(const finding& what) {
    std::vector<const stack*> out;
    if (!what.stack.empty()) out.push_back(&what.stack);
    for (const findings::access& side : what.accesses) out.push_back(&side.stack);
    for (const findings::edge& side : what.edges) out.push_back(&side.wanted_stack);
    for (const findings::edge& side : what.edges) out.push_back(&side.held_stack);
    return out;
}

/// Of functions, innermost frames first, then of files and modules.
std::vector<std::string> patterns_for(const finding& what) {
    const std::vector<const stack*> stacks = stacks_of(what);
    patterns found;
    for (std::size_t depth = 0; depth < depth_max; ++depth)
        for (const stack* frames : stacks) {
            if (depth >= frames->size()) continue;
            const frame& one = (*frames)[depth];
            if (!one.function.empty() && !findings::is_library_frame(one)) found.add(pattern_for(one.function));
        }
    for (const stack* frames : stacks)
        if (!frames->empty() && !frames->front().file.empty()) found.add(base_name(frames->front().file));
    for (const stack* frames : stacks)
        if (!frames->empty() && !frames->front().module.empty()) found.add(base_name(frames->front().module));
    return found.all();
}

/// An entry, and how many of the other findings it hides too.
struct entry {
    std::string line;
    std::size_t hides_besides = 0;
};

bool hides(const std::string& line, const finding& what) {
    findings::suppressions one;
    if (one.add("", line)) return false;
    std::vector<finding> all = findings::instances_of(what);
    return std::all_of(all.begin(), all.end(), [&](finding& each) {
        one.apply(each);
        return each.suppressed;
    });
}

/// Those that hide all instances of the finding, those that hide least besides first; of these the narrowest first.
std::vector<entry> entries_for(const finding& what, const std::vector<finding>& all) {
    const std::string_view type = what.is_of_handler() ? "signal" : type_of(what.kind);
    std::vector<entry> made;
    for (const std::string& pattern : patterns_for(what)) {
        entry one{fmt::format("{}:{}", type, pattern), 0};
        if (!hides(one.line, what)) continue;
        for (std::size_t i = 0; i < all.size() && i < others_max; ++i)
            one.hides_besides += &all[i] != &what && all[i].is_told() && hides(one.line, all[i]);
        made.push_back(std::move(one));
    }
    std::stable_sort(made.begin(), made.end(),
                     [](const entry& a, const entry& b) { return a.hides_besides < b.hides_besides; });
    if (made.size() > entries_max) made.erase(made.begin() + entries_max - 1, made.end() - 1);  // the widest stays
    return made;
}

}  // namespace

std::string suppression_draft(const findings::report_data& data, const options& how) {
    std::string out;
    const findings::report_data told = arranged(data);
    for (const finding& each : told.findings) {
        if (!each.is_told()) continue;
        finding one = each;
        explain(one);
        out += fmt::format("{}# {} {} [{}]: {}\n", out.empty() ? "" : "\n", findings::name(one.kind), one.id,
                           findings::name(one.verdict), printable(one.message));
        const std::vector<const stack*> stacks = stacks_of(one);
        if (!stacks.empty() && !stacks.front()->empty())
            out += fmt::format("# {}\n", printable(place_and_function(stacks.front()->front(), how)));
        out += "# reason:\n# expires:\n";
        const std::vector<entry> entries = entries_for(each, told.findings);
        if (entries.empty()) out += "# nothing is known of where it happened: no entry can name it\n";
        if (!entries.empty() && entries.front().hides_besides > 0)
            out += fmt::format("# hides {} of these: nothing tells them apart\n",
                               counted(entries.front().hides_besides, "more finding"));
        for (std::size_t i = 0; i < entries.size(); ++i)
            out += fmt::format("{}{}\n", i == 0 ? "" : "# or: ", entries[i].line);
    }
    return out;
}

}  // namespace interlock::report
