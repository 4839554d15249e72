// One finding in at most 25 lines for two locks: the user's lines first, callers folded where they repeat, then why, then the
// four conditions, then one advice.
#include "analysis/report/text.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "analysis/findings/function_name.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/findings/user_frames.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/explain.hpp"
#include "analysis/report/naming.hpp"
#include "analysis/report/quote.hpp"
#include "analysis/report/steps.hpp"
#include "analysis/report/tally.hpp"
#include "analysis/report/waits.hpp"

namespace interlock::report {

using findings::finding;
using findings::severity;
using findings::stack;

namespace {

constexpr std::size_t sides_max = 8;           // of a cycle, told in full; JSON has all
constexpr std::size_t callers_max = 4;         // of a stack
constexpr std::size_t callers_width_max = 70;  // of callers without source
constexpr std::size_t column_max = 40;         // a longer name does not push the others
constexpr std::size_t behind_max = 4;          // threads stuck behind a deadlock
constexpr std::size_t quote_max = 60;
constexpr std::size_t name_max = 160;
constexpr std::string_view approximate = " (approximate)";

struct colours {
    std::string_view warning, strong, end;
};

colours colours_of(const options& how) {
    if (!how.colour) return {};
    return {"\x1b[1;31m", "\x1b[1m", "\x1b[0m"};
}

/// Safe to print, on one line, of bounded length.
std::string shown(std::string_view raw) { return shortened(printable(raw), name_max); }

/// A row: who, does, lock, place, quote.
struct row {
    std::string who;
    std::string does;
    std::string what;
    std::string where;
    std::string quote;
    std::string below;  // callers, a line of their own
};

class finding_writer {
public:
    finding_writer(const finding& what, const options& how, source_lines& sources, std::string& out)
        : what_(what), how_(how), sources_(sources), out_(out) {}

    void write(const findings::report_data& data) {
        write_title(data);
        std::size_t besides = 0;
        for (const step& one : steps_of(what_))
            if (one.is_besides ? ++besides <= sides_max : one.side < sides_max) add_step(one);
        write_rows();
        write_left_out(what_.edges.size(), "side");
        write_left_out(what_.waits.size(), "thread");
        write_left_out(what_.holds.size(), "lock held", "locks held");
        write_behind();
        write_legend();
        out_ += '\n';
        write_reasons();
        write_summary();
    }

private:
    void line(std::string_view text) {
        out_ += text;
        out_ += '\n';
    }

    void write_left_out(std::size_t all, std::string_view one, std::string_view many = {}) {
        if (all <= sides_max) return;
        const std::size_t more = all - sides_max;
        const std::string word =
            more > 1 && !many.empty() ? std::string(many) : fmt::format("{}{}", one, more == 1 ? "" : "s");
        line(fmt::format("  ... and {} more {}; the JSON report has them all", more, word));
    }

    void write_title(const findings::report_data& data) {
        const colours colour = colours_of(how_);
        const std::size_t log =
            what_.edges.empty() ? (what_.threads.empty() ? 0 : what_.threads[0].log) : what_.edges[0].log;
        const std::uint64_t pid = log < data.logs.size() ? data.logs[log].pid : 0;
        const bool cycle = what_.kind == findings::kind::lock_order_cycle;
        out_ += fmt::format("{}{}: interlock: {}{} (pid={}) [{}]{}\n\n", colour.warning,
                            what_.severity == severity::note ? "NOTE" : "WARNING", title(what_.kind),
                            cycle ? " (potential deadlock)" : "", pid, findings::name(what_.verdict), colour.end);
    }

    std::string quote_of(const stack& frames) {
        if (!how_.quote_source || frames.empty() || !quoted_.insert({frames[0].file, frames[0].line}).second) return {};
        return shortened(printable(sources_.line(frames[0].file, frames[0].line)), quote_max);
    }

    std::string where(const stack& frames) const {
        return frames.empty() ? "at a place that is not known" : shown(place_and_function(frames[0], how_));
    }

    /// "called by pay_rent bank.cpp:44, main bank.cpp:58"; what a library is made of is passed over, as are places without a name
    /// among others that have one. Of what has no source there are only as many as fit.
    std::string callers(const stack& frames) const {
        const bool any_named =
            std::any_of(frames.begin(), frames.end(), [](const findings::frame& one) { return !one.function.empty(); });
        std::string out;
        std::size_t told = 0;
        std::size_t left = 0;
        bool is_full = false;
        for (std::size_t i = 1; i < frames.size(); ++i) {
            const findings::frame& one = frames[i];
            if (findings::is_library_frame(one)) continue;
            const std::string name = findings::plain_function(one.function);
            const std::string text = printable(name + (name.empty() ? "" : " ") + place(one, how_));
            const bool has_source = !one.file.empty();
            const bool tells = has_source || !name.empty() || !any_named;
            const bool fits = told == 0 || has_source || width_of(out) + width_of(text) <= callers_width_max;
            is_full = is_full || told == callers_max || (tells && !fits);
            if (is_full || !tells) {
                ++left;
                continue;
            }
            out += (told == 0 ? "called by " : ", ") + text;
            ++told;
        }
        if (told > 0 && left > 0) out += fmt::format(", and {} more", left);
        return shortened(out, 2 * name_max);
    }

    void add_step(const step& one) {
        row made{one.is_request ? "" : shown(one.who),
                 one.does,
                 shown(one.what),
                 where(*one.at),
                 quote_of(*one.at),
                 callers(*one.at)};
        if (!one.while_holding.empty())
            made.below += (made.below.empty() ? "" : "; ") + shown("holding " + one.while_holding);
        if (one.approximate && !made.below.empty()) made.below += approximate;
        if (one.is_request) fold(rows_.back(), made);
        if (!one.test.empty()) made.below += (made.below.empty() ? "" : "; ") + shown(one.test);
        rows_.push_back(std::move(made));
    }

    /// Callers that a hold and its request have in common are told once, under the request.
    static void fold(row& hold, const row& request) {
        if (hold.below == request.below || hold.below == request.below + std::string(approximate)) hold.below.clear();
    }

    static std::size_t column(const std::vector<row>& rows, std::string row::*field) {
        std::size_t width = 0;
        for (const row& one : rows) width = std::max(width, std::min(width_of(one.*field), column_max));
        return width;
    }

    static std::string padded(const std::string& text, std::size_t width) {
        return text + std::string(width > width_of(text) ? width - width_of(text) : 0, ' ');
    }

    void write_rows() {
        const std::size_t who = column(rows_, &row::who);
        const std::size_t lock = column(rows_, &row::what);
        const std::size_t place_width = column(rows_, &row::where);
        const std::size_t does = column(rows_, &row::does);
        for (const row& one : rows_) {
            std::string text = "  " + padded(one.who, who) + (who > 0 ? "  " : "");
            if (does > 0) text += padded(one.does, does) + ' ';
            text += padded(one.what, lock) + (lock > 0 ? "   " : "");
            const std::size_t indent = width_of(text);
            text += padded(one.where, place_width);
            if (!one.quote.empty()) text += "    " + one.quote;
            text.erase(text.find_last_not_of(' ') + 1);
            line(text);
            if (!one.below.empty())
                line(std::string(std::min<std::size_t>(indent, 2 * column_max) + 2, ' ') + one.below);
        }
    }

    void write_behind() {
        if (what_.behind.empty()) return;
        const finding named = all_named(what_);
        for (std::size_t i = 0; i < what_.behind.size() && i < behind_max; ++i) {
            const findings::bystander& one = what_.behind[i];
            line(fmt::format("  stuck behind it: {}, which wants {}{}   {}", shown(thread_name(named, one.who.id)),
                             shown(lock_name(named, one.wanted.id)), shown(held_by(what_, named, one.wanted.id)),
                             where(one.at)));
        }
        if (what_.behind.size() > behind_max)
            line(fmt::format("  and {} more", counted(what_.behind.size() - behind_max, "thread")));
    }

    /// Nameless things of one origin: at most two origins are told.
    class origins {
    public:
        void add(const std::string& who, const std::string& where) {
            for (auto& [names, place] : all_) {
                if (place != where) continue;
                if (std::count(names.begin(), names.end(), ',') < 3) names += ", " + who;
                return;
            }
            if (all_.size() < 2) all_.emplace_back(who, where);
        }
        const std::vector<std::pair<std::string, std::string>>& all() const noexcept { return all_; }

    private:
        std::vector<std::pair<std::string, std::string>> all_;
    };

    /// A lock first seen inside the library it is made of tells nothing by that.
    static bool is_place_unknown(const findings::lock& one) {
        return one.created_at.empty() || findings::is_library_frame(one.created_at.front());
    }

    /// What has no name; and a future that nobody sets, since whoever has its promise got it from there.
    bool is_told_by_origin(const findings::lock& one) const {
        return one.name.empty() || (what_.kind == findings::kind::stalled && one.type == "future");
    }

    std::string origin_of(const findings::lock& one) const {
        if (is_place_unknown(one)) return "where it was first seen is not known";
        const findings::frame& inner = one.created_at.front();
        const std::string called = inner.file.empty() && !inner.function.empty() ? "" : callers(one.created_at);
        return "first seen " + where(one.created_at) + (called.empty() ? "" : ", " + called);
    }

    /// What nameless locks and threads are outside of this report, and where they come from.
    void write_legend() {
        if (!what_.accesses.empty()) {
            const findings::access& side = what_.accesses.front();
            line(fmt::format("  memory: {:#x}{}{}", side.address, side.memory.empty() ? "" : ", ", shown(side.memory)));
        }
        if (!what_.wrapper.empty()) line("  each by way of " + where(what_.wrapper));
        origins found;
        for (const findings::lock& one : what_.locks) {
            if (!is_told_by_origin(one) || (is_place_unknown(one) && one.address == 0)) continue;
            const std::string address = one.address == 0 ? "" : fmt::format(" ({:#x})", one.address);
            found.add(shown(lock_name(what_, one.id)) + address, origin_of(one));
        }
        for (const auto& [who, origin] : found.all()) line(fmt::format("  {}: {}", who, origin));
        origins created;
        for (const findings::thread& one : what_.threads) {
            if (!one.name.empty() || one.created_at.empty()) continue;
            const std::string task = one.task == 0 ? "" : fmt::format(" (tid {})", one.task);
            created.add(shown(thread_name(what_, one.id)) + task, where(one.created_at));
        }
        for (const auto& [who, origin] : created.all()) line(fmt::format("  {}: created {}", who, origin));
    }

    void write_condition(std::string_view name, const findings::condition& one) {
        line(fmt::format("  {:<16}  {:<7}  {}", name, findings::name(one.holds), printable(one.because)));
    }

    std::string counts() const {
        std::string out;
        if (what_.occurrences > 1) out = fmt::format("seen {} times", what_.occurrences);
        if (what_.occurrences_suppressed > 0)
            out += fmt::format("{}{} more suppressed", out.empty() ? "" : "; ", what_.occurrences_suppressed);
        if (what_.also > 0)
            out += fmt::format("{}{} longer cycle{} told by it", out.empty() ? "" : "; ", what_.also,
                               what_.also == 1 ? " is" : "s are");
        return out.empty() ? out : fmt::format(" ({})", out);
    }

    /// The fact that fixed the verdict, unless a condition below says it.
    void write_why() {
        const bool below = what_.coffman && (what_.coffman->circular_wait.because == what_.why ||
                                             what_.coffman->no_preemption.because == what_.why);
        // Misuse that was seen is told by its message already. A message of threads that are stuck does not say why they are, nor one of a
        // violation which declaration it is against.
        const bool plain = what_.edges.empty() && what_.verdict == findings::verdict::observed &&
                           what_.kind != findings::kind::stalled && what_.kind != findings::kind::lock_rank_violation;
        const bool says = !below && !plain && !what_.why.empty();
        const std::string often = counts();
        if (!says && often.empty()) return;
        line(fmt::format("  It is {}{}{}{}.", findings::name(what_.verdict), often, says ? ": " : "",
                         says ? printable(what_.why) : ""));
    }

    void write_reasons() {
        const std::string told = story(what_);
        line("  " + printable(told.empty() ? what_.message + "." : told));
        write_why();
        if (what_.coffman) {
            write_condition("mutual exclusion", what_.coffman->mutual_exclusion);
            write_condition("hold and wait", what_.coffman->hold_and_wait);
            write_condition("no preemption", what_.coffman->no_preemption);
            write_condition("circular wait", what_.coffman->circular_wait);
        }
        if (!what_.advice.empty())
            line("  " + std::string(what_.coffman ? "Break it: " : "Mend it: ") + printable(what_.advice));
    }

    /// Of a cycle that a test made the request that closed it, where the test fails: else the first, which is the same in every run.
    const stack& summary_stack() const {
        const bool of_test = what_.closing < what_.edges.size() && !what_.edges[what_.closing].test.empty();
        return of_test ? what_.edges[what_.closing].wanted_stack : main_stack(what_);
    }

    void write_summary() {
        const stack& frames = summary_stack();
        std::string text = fmt::format("\nSUMMARY: interlock: {}", title(what_.kind));
        if (!frames.empty()) {
            text += ' ' + shown(place(frames[0], how_));
            if (!frames[0].function.empty()) text += " in " + shown(signature(frames[0].function));
        }
        line(text);
    }

    /// The signature as people would write it.
    static std::string signature(std::string function) {
        constexpr std::string_view anonymous = "(anonymous namespace)::";
        for (std::size_t at = function.find(anonymous); at != std::string::npos; at = function.find(anonymous))
            function.erase(at, anonymous.size());
        return function;
    }

    const finding& what_;
    const options& how_;
    source_lines& sources_;
    std::string& out_;
    std::vector<row> rows_;
    std::set<std::pair<std::string, std::uint32_t>> quoted_;
};

/// What the report could not see: a log's losses and blind spots, one a line.
void write_blind_spots(const findings::report_data& data, std::string& out) {
    for (const findings::log_summary& log : data.logs) {
        const std::string path = printable(log.path.empty() ? log.program : log.path);
        if (log.lost_events > 0)
            out += fmt::format("interlock: {}: {} lost\n", path, counted(log.lost_events, "event"));
        for (const std::string& gap : log.gaps)
            out += fmt::format("interlock: {}: incomplete: {}\n", path, printable(gap));
        if (!log.complete && log.gaps.empty())
            out += fmt::format("interlock: {}: incomplete: a part is damaged, missing or was dropped\n", path);
        for (const std::string& spot : log.blind_spots)
            out += fmt::format("interlock: {}: not seen: {}\n", path, printable(spot));
    }
}

void write_harmless(const findings::report_data& data, std::string& out) {
    if (data.harmless_cycles > 0) {
        std::string why;
        if (data.harmless_mutual_exclusion > 0)
            why += fmt::format("{} for want of mutual exclusion (shared meets shared)", data.harmless_mutual_exclusion);
        if (data.harmless_hold_and_wait > 0)
            why += fmt::format("{}{} for want of hold and wait (a try that is not known to wait)",
                               why.empty() ? "" : ", ", data.harmless_hold_and_wait);
        out += fmt::format("interlock: {} of the lock-order graph cannot block{}{}\n",
                           counted(data.harmless_cycles, "cycle"), why.empty() ? "" : ": ", why);
    }
    if (data.cycles_not_listed > 0)
        out += fmt::format("interlock: {} not listed\n", counted(data.cycles_not_listed, "more cycle"));
}

}  // namespace

std::string closing_text(const findings::report_data& data) {
    std::string out;
    findings::log_summary all;
    for (const findings::log_summary& log : data.logs) {
        all.threads += log.threads;
        all.locks += log.locks;
        all.acquisitions += log.acquisitions;
        all.acquisitions_unknown = all.acquisitions_unknown || log.acquisitions_unknown;
        all.dependencies += log.dependencies;
        all.waiting += log.waiting;
    }
    write_harmless(data, out);
    write_blind_spots(data, out);
    out += "interlock: " + as_words(tally_of(data));
    const bool is_moment =
        std::any_of(data.logs.begin(), data.logs.end(), [](const auto& log) { return log.is_moment; });
    if (is_moment)
        out += fmt::format("; {}, {} of them waiting", counted(all.threads, "thread"), all.waiting);
    else
        out += fmt::format("; {}, {}, {}{}", counted(all.threads, "thread"), counted(all.locks, "lock"),
                           all.acquisitions_unknown ? "" : counted(all.acquisitions, "acquisition") + ", ",
                           counted(all.dependencies, "dependency", "dependencies"));
    if (data.logs.size() != 1) out += fmt::format(" in {}", counted(data.logs.size(), "log"));
    return out + '\n';
}

std::string finding_text(const finding& what, const findings::report_data& data, const options& how,
                         source_lines& sources) {
    std::string out;
    finding_writer(what, how, sources, out).write(data);
    return out;
}

std::string text_report(const findings::report_data& data, const options& how) {
    std::string out;
    source_lines sources;
    for (const finding& one : data.findings) {
        if (!one.is_told()) continue;
        if (!out.empty()) out += '\n';
        finding_writer(one, how, sources, out).write(data);
    }
    return out + waits_text(data, how) + closing_text(data);
}

}  // namespace interlock::report
