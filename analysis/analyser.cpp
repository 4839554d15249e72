// Drafts of each log to findings, then one finding for each id.
#include "analysis/analyser.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "analysis/findings/fingerprint.hpp"
#include "analysis/findings/instances.hpp"
#include "analysis/findings/severity.hpp"
#include "analysis/findings/user_frames.hpp"
#include "analysis/kind_edges.hpp"
#include "analysis/log_analysis.hpp"
#include "analysis/log_summary.hpp"
#include "analysis/many_runs.hpp"
#include "analysis/naming.hpp"
#include "analysis/present.hpp"
#include "analysis/race_sides.hpp"
#include "analysis/same_defect.hpp"
#include "analysis/wording.hpp"
#include "analysis/wrapper_frames.hpp"

namespace interlock::analysis {

using detectors::draft;
using findings::finding;
using findings::lock_mode;

namespace {

constexpr std::size_t drawn_edges_max = 100'000;

lock_mode mode_of(std::uint8_t flags) noexcept {
    return graph::is_shared(flags) ? lock_mode::shared : lock_mode::exclusive;
}

/// One log with what names it.
struct log_state {
    log_analysis analysis;
    std::optional<naming> names;
    symbol_questions ask;
    detectors::standing standing;
};

/// Collects the locks and threads that a finding speaks of, each once, in order of appearance.
class cast {
public:
    cast(naming& names, finding& into) : names_{names}, into_{into} {}
    std::uint64_t add(graph::resource what) {
        const std::uint64_t id = lock_id_of(what);
        if (locks_.insert(id).second) into_.locks.push_back(names_.lock(what));
        return id;
    }
    std::uint64_t add(format::agent_id agent) {
        const std::uint64_t id = thread_id_of(agent);
        if (agent != format::agent_id::none && threads_.insert(id).second)
            into_.threads.push_back(names_.thread(agent));
        return id;
    }

private:
    naming& names_;
    finding& into_;
    std::set<std::uint64_t> locks_;
    std::set<std::uint64_t> threads_;
};

findings::stack stack_of(format::stack_id stack, format::site_id site, std::span<const std::uint64_t> trail,
                         naming& names) {
    return stack == format::stack_id::none && !trail.empty() ? names.stack(trail) : names.stack(stack, site);
}

findings::edge edge_of(const detectors::side& s, naming& names, cast& all, std::size_t log) {
    findings::edge made;
    made.thread = all.add(s.agent);
    made.held = all.add(s.held);
    made.wanted = all.add(s.wanted);
    made.held_mode = mode_of(s.held_flags);
    made.wanted_mode = mode_of(s.wanted_flags);
    made.timed = (s.wanted_flags & format::lock_flags::timed) != 0;
    made.in_handler = (s.wanted_flags & format::lock_flags::in_signal) != 0;
    for (const graph::resource guard : s.guards) made.guards.push_back(all.add(guard));
    made.held_stack = s.held.termination ? names.thread(format::agent_id{s.held.id}).created_at
                                         : stack_of(s.held_stack, s.held_site, s.held_trail, names);
    made.wanted_stack = stack_of(s.wanted_stack, s.wanted_site, s.wanted_trail, names);
    made.log = log;
    made.approximate = s.approximate;
    made.signals = s.signals;
    return made;
}

/// Whether records that were written are not readable any more. What the recorder gave up itself it told in order.
bool is_damaged(const trace::trace& log) {
    return std::any_of(log.losses().begin(), log.losses().end(), [](const trace::loss& lost) {
        switch (lost.kind) {
            case trace::loss_kind::live_word_damaged:
            case trace::loss_kind::truncated:
            case trace::loss_kind::block_damaged:
            case trace::loss_kind::chunk_missing:
            case trace::loss_kind::checksum_mismatch:
            case trace::loss_kind::slot_damaged:
            case trace::loss_kind::record_cut:
            case trace::loss_kind::bad_reference: return true;
            case trace::loss_kind::header_damaged:
            case trace::loss_kind::events_lost:
            case trace::loss_kind::order_forced:
            case trace::loss_kind::in_flight: return false;
        }
        return false;
    });
}

/// What a damaged log may no longer name is not told as an error: the whole log may tell it of something else.
void lower_unnamed(draft& d, log_state& log) {
    if (d.verdict > findings::verdict::potential || !is_damaged(log.analysis.log()) || log.names->defines(d)) return;
    d.verdict = findings::verdict::unverifiable;
    d.reasons.insert(d.reasons.begin(), {.what = detectors::fact::events_lost});
}

/// Where the sides of a cycle were seen besides.
std::vector<std::vector<findings::other_place>> places_elsewhere(const draft& d, naming& names,
                                                                 const findings::stack& wrapper) {
    std::vector<std::vector<findings::other_place>> made;
    for (const detectors::side& s : d.sides) {
        std::vector<findings::other_place>& here = made.emplace_back();
        for (const detectors::other_way& way : s.elsewhere)
            here.push_back(
                {findings::place_word(s.held.termination ? names.thread(format::agent_id{s.held.id}).created_at
                                                         : without_wrapper(names.stack(way.held_stack, {}), wrapper)),
                 findings::place_word(without_wrapper(names.stack(way.wanted_stack, way.wanted_site), wrapper))});
    }
    return made;
}

finding finding_of(const draft& d, naming& names, std::size_t log) {
    finding made;
    made.kind = d.kind;
    made.verdict = d.verdict;
    made.severity = findings::severity_of(d.kind, d.verdict);
    made.occurrences = d.occurrences;
    made.also = d.also;
    made.stuck = d.stuck;
    cast all{names, made};
    for (const detectors::side& s : d.sides) made.edges.push_back(edge_of(s, names, all, log));
    set_wrapper_apart(made);
    if (d.sides.empty()) {
        if (d.lock.id != 0 || d.lock.termination) all.add(d.lock);
        if (d.other != graph::resource{}) all.add(d.other);
        all.add(d.agent);
        for (const format::agent_id agent : d.agents) all.add(agent);
        all.add(d.holder);
        made.stack = stack_of(d.stack, d.site, d.trail, names);
        const bool of_other = d.holder != d.agent || d.other != graph::resource{};
        if (of_other && d.held_stack != format::stack_id::none) {
            made.holder = thread_id_of(d.holder);
            made.held_stack = names.stack(d.held_stack, {});
            // A site inside of std::mutex, without its callers, tells nothing.
            if (!made.held_stack.empty() && findings::is_library_frame(made.held_stack.front()))
                made.held_stack.clear();
        }
    }
    for (const detectors::reason& r : d.reasons) {
        if (r.what == detectors::fact::refused && !made.edges.empty()) made.edges.front().refused = true;
        if (r.what == detectors::fact::ordered && r.step == format::event_kind::agent_join)
            all.add(format::agent_id{r.object});
    }
    for (const detectors::side& s : d.sides) {
        if (s.wanted.termination) all.add(format::agent_id{s.wanted.id});
    }
    for (const detectors::reason& r : d.reasons) {
        if (r.what == detectors::fact::writer_needed) all.add(r.agent);
        if (r.what == detectors::fact::acquires_again) all.add(graph::lock_of(format::object_id{r.object}));
    }
    for (const detectors::bystander& b : d.waits)
        made.waits.push_back({all.add(b.agent), b.wanted == graph::resource{} ? 0 : all.add(b.wanted),
                              stack_of(b.stack, {}, b.trail, names)});
    for (const detectors::bystander& b : d.behind)
        made.behind.push_back({names.thread(b.agent), names.lock(b.wanted), stack_of(b.stack, {}, b.trail, names)});
    for (const detectors::wanted_hold& h : d.holds)
        made.holds.push_back({names.thread(h.agent), names.lock(h.held), mode_of(h.flags), names.stack(h.trail)});
    word(d, made);
    if (d.race) {
        add_race_sides(d, names, log, made);
        for (const graph::resource lock : locks_of(*d.race)) all.add(lock);
        all.add(d.race->owner);
    }
    made.id = findings::fingerprint(made, places_elsewhere(d, names, made.wrapper));
    return made;
}

/// In which test this agent made a request.
void name_test(std::uint32_t mark, format::agent_id agent, const log_analysis& log, findings::edge& into) {
    into.test = log.test_of(mark);
    const std::string_view starter = log.test_of(log.mark_at_creation(agent));
    if (starter != into.test) into.thread_test = starter;
}

/// In which test each request of a cycle was made, and which came last.
void name_tests(const draft& d, const log_analysis& log, finding& into) {
    for (std::size_t i = 0; i < d.sides.size(); ++i) name_test(d.sides[i].mark, d.sides[i].agent, log, into.edges[i]);
    if (!d.sides.empty()) into.closing = detectors::last_of(d.sides);
}

/// Ids in a drawing are unique over all logs.
std::uint64_t drawn_id(std::uint64_t id, std::size_t log) noexcept {
    return id | static_cast<std::uint64_t>(log) << 40;
}

/// One log's part of the drawing.
void draw(log_state& log, std::size_t index, findings::lock_order& into) {
    into.logs.push_back(summary_of(log.analysis.log()));
    const graph::edge_rules rules = log.analysis.rules(log.ask);
    const graph::lock_graph& graph = log.analysis.lock_graph();
    std::map<graph::resource, std::size_t> component_of;
    const graph::components parts = graph.cyclic(rules);
    for (std::size_t c = 0; c < parts.all.size(); ++c) {
        for (const graph::resource what : parts.all[c].locks) component_of.emplace(what, c);
    }
    bool complete = true;
    std::set<graph::resource> locks;
    std::set<format::agent_id> threads;
    for (const graph::edge_count& e : graph.edges(rules, drawn_edges_max, complete)) {
        const graph::dependency& example = graph.at(e.example);
        const auto held = component_of.find(e.held);
        const auto wanted = component_of.find(e.wanted);
        findings::order_edge drawn;
        drawn.held = drawn_id(lock_id_of(e.held), index);
        drawn.wanted = drawn_id(lock_id_of(e.wanted), index);
        drawn.held_mode = e.held_shared ? lock_mode::shared : lock_mode::exclusive;
        drawn.wanted_mode = e.wanted_shared ? lock_mode::shared : lock_mode::exclusive;
        drawn.blocking = e.any_blocking;
        drawn.occurrences = e.moments;
        for (const format::agent_id agent : e.agents) drawn.threads.push_back(drawn_id(thread_id_of(agent), index));
        drawn.wanted_stack = log.names->stack(example.stack, example.site);
        drawn.in_cycle = held != component_of.end() && wanted != component_of.end() && held->second == wanted->second;
        locks.insert({e.held, e.wanted});
        threads.insert(e.agents.begin(), e.agents.end());
        into.edges.push_back(std::move(drawn));
    }
    for (const graph::resource what : locks) {
        into.locks.push_back(log.names->lock(what));
        findings::lock& drawn = into.locks.back();
        drawn.id = drawn_id(drawn.id, index);
        if (drawn.type == findings::thread_end_type) drawn.name.clear();  // it mentions a thread of this log alone
    }
    for (const format::agent_id agent : threads) {
        into.threads.push_back(log.names->thread(agent));
        into.threads.back().id = drawn_id(into.threads.back().id, index);
    }
    if (!complete) {
        into.logs.back().blind_spots.push_back("only the first " + std::to_string(drawn_edges_max) +
                                               " edges are drawn");
    }
}

}  // namespace

struct analyser::state {
    std::shared_ptr<symbols::symboliser> symbols;
    std::deque<log_state> logs;  // never moved: naming and the rules refer to them
};

analyser::analyser(std::shared_ptr<symbols::symboliser> symbols) : state_{std::make_unique<state>()} {
    state_->symbols = symbols ? std::move(symbols) : std::make_shared<symbols::symboliser>();
}
analyser::~analyser() = default;
analyser::analyser(analyser&&) noexcept = default;
analyser& analyser::operator=(analyser&&) noexcept = default;

namespace {

void add_unanswered(findings::log_summary& into, const std::vector<detectors::unanswered_wait>& waits, naming& names) {
    for (const detectors::unanswered what : {detectors::unanswered::holder, detectors::unanswered::signals}) {
        const auto is_such = [&](const detectors::unanswered_wait& one) { return one.what == what; };
        const auto first = std::find_if(waits.begin(), waits.end(), is_such);
        if (first == waits.end()) continue;
        const auto count = static_cast<std::size_t>(std::count_if(first, waits.end(), is_such));
        into.blind_spots.push_back(sentence_of(what, names.stack(first->trail), count));
    }
}

/// Stalls with objects of their own that the same place comes to, each worker's future for one, are one defect.
void join_stalls(std::vector<draft>& drafts, naming& names, std::size_t log) {
    std::map<std::string, std::size_t> by_id;
    for (std::size_t i = 0; i < drafts.size();) {
        if (drafts[i].kind != findings::kind::stalled) {
            ++i;
            continue;
        }
        const auto [it, fresh] = by_id.try_emplace(finding_of(drafts[i], names, log).id, i);
        if (fresh) {
            ++i;
            continue;
        }
        detectors::join(drafts[it->second], drafts[i]);
        drafts.erase(drafts.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

/// Clang puts no hook before a read that a write of the same place follows at once, so a write of its code may have looked again.
void drop_acts_that_may_look_again(std::vector<draft>& drafts, naming& names) {
    std::erase_if(drafts, [&](const draft& one) {
        return one.kind == findings::kind::atomicity_violation && !names.compiler(one.stack).starts_with("GNU");
    });
}

/// One finding for each defect of one log, with its summary; `index` is the log's place in the report.
findings::report_data data_of(log_state& log, std::size_t index, moment when,
                              std::optional<mark_range> marks = std::nullopt) {
    findings::report_data data;
    data.logs.push_back(summary_of(log.analysis.log()));
    data.logs.back().acquisitions += log.analysis.semaphore_acquisitions();
    log_findings found = log.analysis.findings_so_far(log.ask, when, log.standing, marks);
    add_unanswered(data.logs.back(), found.unanswered, *log.names);
    data.harmless_cycles = found.harmless;
    data.harmless_mutual_exclusion = found.harmless_mutual_exclusion;
    data.harmless_hold_and_wait = found.harmless_hold_and_wait;
    data.cycles_not_listed = found.not_listed;
    join_stalls(found.drafts, *log.names, index);
    drop_acts_that_may_look_again(found.drafts, *log.names);
    defects all;
    for (draft& d : found.drafts) {
        lower_unnamed(d, log);
        finding made = finding_of(d, *log.names, index);
        name_tests(d, log.analysis, made);
        all.add(std::move(made));
    }
    data.findings = all.take();
    advise_by_others(data.findings);
    return data;
}

/// The same in every copy of a process's log, and in no other's.
std::string id_of(const trace::trace& log) {
    const format::file_header& header = log.file().header();
    std::string text;
    for (const std::uint64_t each : {header.start_realtime_ns, header.start_ticks, std::uint64_t{header.pid},
                                     header.run[0], header.run[1], header.parent_start_ticks})
        text += std::to_string(each) + ' ';
    return findings::digest(text);
}

/// By kinds of locks; `into` has the log as its run 0.
void add_graph(log_state& log, findings::run_summary& into) {
    const graph::lock_graph& graph = log.analysis.lock_graph();
    const auto name = [&](graph::dependency_index which, findings::edge& made) {
        if (!graph.moments(which).empty())
            name_test(graph.moments(which).front().mark, graph.at(which).agent, log.analysis, made);
    };
    add_kind_edges(graph, log.analysis.rules(log.ask), *log.names, name, into);
}

template <typename Open>
std::optional<trace::problem> add(std::deque<log_state>& logs, symbols::symboliser& symbols, Open&& open) {
    log_state& made = logs.emplace_back();
    if (auto unusable = open(made.analysis)) {
        logs.pop_back();
        return unusable;
    }
    made.names.emplace(made.analysis.log(), symbols, logs.size() - 1);
    naming& names = *made.names;
    made.ask.is_group_acquisition = [&names](format::stack_id stack) { return names.is_group_acquisition(stack); };
    return std::nullopt;
}

}  // namespace

std::optional<trace::problem> analyser::add_log(const std::string& path) {
    return add(state_->logs, *state_->symbols, [&](log_analysis& a) { return a.open(path); });
}

std::optional<trace::problem> analyser::adopt(std::string name, std::span<const std::byte> image) {
    return add(state_->logs, *state_->symbols, [&](log_analysis& a) { return a.adopt(std::move(name), image); });
}

std::optional<trace::problem> analyser::feed(trace::expectation what_comes) {
    std::optional<trace::problem> first;
    for (log_state& log : state_->logs) {
        auto gone = log.analysis.feed(what_comes);
        if (gone && !first) first = std::move(gone);
    }
    return first;
}

findings::report_data analyser::findings_so_far(moment when) {
    if (state_->logs.size() != 1) return report_of(summary(when));
    findings::report_data data = data_of(state_->logs.front(), 0, when);
    settle(data.findings);
    return data;
}

void analyser::tell_tests_apart() { state_->logs.front().analysis.tell_tests_apart(); }

std::uint64_t analyser::position() const { return state_->logs.front().analysis.position(); }

findings::report_data analyser::findings_of_tests(mark_range marks) {
    findings::report_data data = data_of(state_->logs.front(), 0, moment::now, marks);
    settle(data.findings);
    return data;
}

findings::run_summary analyser::graph_so_far() {
    findings::run_summary made;
    log_state& log = state_->logs.front();
    made.runs.push_back({id_of(log.analysis.log()), summary_of(log.analysis.log()), 0, 0, 0, 0, {}});
    add_graph(log, made);
    return made;
}

findings::run_summary analyser::summary(moment when) {
    findings::run_summary all;
    for (log_state& log : state_->logs) {
        findings::report_data data = data_of(log, 0, when);
        findings::run_summary one;
        one.runs.push_back({id_of(log.analysis.log()),
                            std::move(data.logs.front()),
                            data.harmless_cycles,
                            data.harmless_mutual_exclusion,
                            data.harmless_hold_and_wait,
                            data.cycles_not_listed,
                            {}});
        for (finding& told : data.findings) {
            for (finding& each : findings::instances_of(std::move(told))) {
                findings::finding_seen seen;
                seen.occurred.emplace(0, each.occurrences);
                seen.what = std::move(each);
                one.findings.emplace(findings::key_of(seen.what), std::move(seen));
            }
        }
        add_graph(log, one);
        join(all, std::move(one));
    }
    return all;
}

void analyser::note_standing(std::size_t index, detectors::standing seen) {
    state_->logs[index].standing = std::move(seen);
}

findings::present analyser::present_now(std::size_t index, std::uint64_t ticks_now) {
    log_state& log = state_->logs[index];
    findings::present made = describe_present(log.analysis.log(), *log.names, ticks_now);
    for (draft& d : log.analysis.findings_so_far(log.ask, moment::now, log.standing).drafts)
        if (d.stuck) made.stuck.push_back(finding_of(d, *log.names, index));
    mark_stuck(made);
    return made;
}

std::size_t analyser::logs() const noexcept { return state_->logs.size(); }
const trace::trace& analyser::log(std::size_t index) const noexcept { return state_->logs[index].analysis.log(); }

findings::lock_order analyser::lock_order() {
    findings::lock_order made;
    for (std::size_t i = 0; i < state_->logs.size(); ++i) draw(state_->logs[i], i, made);
    return made;
}

}  // namespace interlock::analysis
