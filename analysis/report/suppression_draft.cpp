// Innermost frames first, each as the narrowest pattern that still matches it.
#include "analysis/report/suppression_draft.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "analysis/findings/function_name.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/findings/pattern.hpp"
#include "analysis/findings/user_frames.hpp"
#include "analysis/report/arrange.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/explain.hpp"
#include "analysis/report/naming.hpp"

namespace interlock::report {

using findings::finding;
using findings::frame;
using findings::kind;
using findings::stack;

namespace {

constexpr std::size_t frames_max = 4;  // functions offered for one finding

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

std::vector<std::string> patterns_for(const finding& what) {
    const std::vector<const stack*> stacks = stacks_of(what);
    patterns found;
    for (std::size_t depth = 0; depth < frames_max; ++depth)
        for (const stack* frames : stacks) {
            if (found.all().size() >= frames_max || depth >= frames->size()) continue;
            const frame& one = (*frames)[depth];
            if (!one.function.empty() && !findings::is_library_frame(one)) found.add(pattern_for(one.function));
        }
    for (const stack* frames : stacks)
        if (!frames->empty() && !frames->front().file.empty()) found.add(base_name(frames->front().file));
    for (const stack* frames : stacks)
        if (!frames->empty() && !frames->front().module.empty()) found.add(base_name(frames->front().module));
    return found.all();
}

}  // namespace

std::string suppression_draft(const findings::report_data& data, const options& how) {
    std::string out;
    for (finding& one : arranged(data).findings) {
        if (!one.is_told()) continue;
        explain(one);
        out += fmt::format("{}# {} {} [{}]: {}\n", out.empty() ? "" : "\n", findings::name(one.kind), one.id,
                           findings::name(one.verdict), printable(one.message));
        const std::vector<const stack*> stacks = stacks_of(one);
        if (!stacks.empty() && !stacks.front()->empty())
            out += fmt::format("# {}\n", printable(place_and_function(stacks.front()->front(), how)));
        out += "# reason:\n# expires:\n";
        const std::vector<std::string> patterns = patterns_for(one);
        if (patterns.empty()) out += "# nothing is known of where it happened: no entry can name it\n";
        for (std::size_t i = 0; i < patterns.size(); ++i)
            out += fmt::format("{}{}:{}\n", i == 0 ? "" : "# or: ", one.is_of_handler() ? "signal" : type_of(one.kind),
                               patterns[i]);
    }
    return out;
}

}  // namespace interlock::report
