#include "analysis/live/log_watch.hpp"

#include <algorithm>

#include "analysis/analyser.hpp"
#include "analysis/live/lost_owner.hpp"
#include "analysis/live/process_state.hpp"
#include "analysis/standing_note.hpp"

namespace interlock::live {

namespace {

constexpr double gap_max_s = 2;             // between looks: beyond that the time in between does not count
constexpr std::size_t examined_max = 1000;  // sets of threads; a program that makes more is not standing still

}  // namespace

log_watch::suspects log_watch::signature(const std::vector<std::uint64_t>& pages) const {
    suspects made;
    for (const trace::agent_present& agent : agents_) {
        if (!std::binary_search(pages.begin(), pages.end(), agent.offset)) continue;
        made.push_back(agent.offset);
        made.push_back(agent.moves);
    }
    return made;
}

/// Whether this set, at this point of its life, was not examined before. Remembers it.
bool log_watch::is_new(std::set<suspects>& examined, suspects who) {
    return examined.size() < examined_max && examined.insert(std::move(who)).second;
}

std::optional<findings::report_data> log_watch::findings() const {
    analysis::analyser all;
    if (all.add_log(path_) || all.feed(trace::expectation::more)) return std::nullopt;
    all.note_standing(0, seen_);
    return all.findings_so_far(analysis::moment::now);
}

void log_watch::forget_old_standing() {
    std::vector<std::uint64_t> pages;
    for (std::size_t i = 0; i < seen_of_.size(); i += 2) pages.push_back(seen_of_[i]);
    if (signature(pages) == seen_of_) return;
    seen_ = {};
    seen_of_.clear();
}

bool log_watch::asks_analysis() {
    // Of a process that was killed meanwhile the log shows the same, and it needs no help any more.
    if (!maps_file(process_, path_)) return false;
    const auto data = findings();
    return data && std::any_of(data->findings.begin(), data->findings.end(), [](const findings::finding& one) {
               return one.stuck && one.verdict == findings::verdict::observed;
           });
}

/// Somebody has stood still for the watchdog's time. A process that a signal or a debugger has stopped stands still for that: its time
/// begins anew.
bool log_watch::examine_stall() {
    const std::vector<std::uint64_t> waiting = still_.waiting_for(watchdog_s_);
    if (waiting.empty() || !may_be_stalled(agents_, waiting) || examined_.contains(signature(waiting))) return false;
    const process_state process = read_process(process_);
    if (!process.exists) return false;
    if (process.stopped || process.traced) {
        still_.begin_anew();
        return false;
    }
    seen_ = standing_of(agents_, waiting, process);
    seen_of_ = signature(waiting);
    if (!process.elsewhere) seen_.orphans = waiting_for_lost_owners(agents_, waiting, process_, process);
    seen_.handlers = seen_.handlers && (log_.file().live().status & format::process_status::woken_from_outside) == 0;
    if (!is_new(examined_, signature(waiting))) return false;
    // Nothing in the log says so.
    if (seen_.handlers || seen_.strangers) analysis::keep_standing(path_, agents_, seen_);
    if (!asks_analysis()) return false;
    analysis::keep_standing(path_, agents_, seen_);  // else it is told, and lost with this process
    return true;
}

std::vector<wait_abroad> log_watch::waits_abroad() const {
    if (watchdog_s_ <= 0) return {};
    const std::vector<std::uint64_t> waiting = still_.waiting_for(watchdog_s_);
    if (!wants_unheld_lock(agents_, waiting)) return {};
    const process_state process = read_process(process_);
    if (process.elsewhere) return {};  // the words of locks have numbers of its own
    return waiting_for_other_processes(agents_, waiting, process_, process);
}

bool log_watch::tell_across(const std::vector<std::uint64_t>& pages, std::set<format::agent_id> agents) {
    if (!is_new(across_, signature(pages))) return false;
    const std::vector<std::uint64_t> waiting = still_.waiting_for(watchdog_s_);
    seen_ = standing_of(agents_, waiting, read_process(process_));
    seen_of_ = signature(waiting);
    seen_.across = std::move(agents);
    return asks_analysis();
}

outcome log_watch::look(look_time when) {
    if (!opened_) {
        if (log_.open(path_)) return outcome::gone;
        opened_ = true;
        process_ = process_of(log_.file());
        if (process_ == 0) return outcome::gone;
    }
    if (log_.look(agents_)) return outcome::gone;
    trace::bind_condition_waits(agents_);
    const std::uint64_t over = format::process_status::stopped | format::process_status::replaced;
    if ((log_.file().live().status & over) != 0) return outcome::gone;
    still_.look(agents_, when, gap_max_s);
    forget_old_standing();
    const std::vector<std::uint64_t> bound = bound_in_cycles(agents_);
    if (!bound.empty() && still_.unmoved(bound) && is_new(bound_, signature(bound)) && asks_analysis()) {
        examined_.insert(signature(bound));
        return outcome::stuck;
    }
    if (watchdog_s_ > 0 && examine_stall()) return outcome::stuck;
    return outcome::nothing_new;
}

}  // namespace interlock::live
