// One event at a time to whoever wants it. Detectors see the holds as they were before the event.
#include "analysis/log_analysis.hpp"

#include <algorithm>

#include "analysis/detectors/deadlock.hpp"
#include "analysis/detectors/exhausted_pools.hpp"
#include "analysis/detectors/holds_wanted.hpp"
#include "analysis/detectors/misuse.hpp"
#include "analysis/detectors/unlock_wrong_mode.hpp"
#include "analysis/graph/order_steps.hpp"
#include "analysis/standing_note.hpp"

namespace interlock::analysis {

using detectors::draft;
using format::event_kind;
using format::object_id;
using format::object_type;
namespace lock_flags = format::lock_flags;

namespace {

/// The state pages, of one moment: an agent that moved between two looks at all of them waits for nothing.
std::vector<trace::agent_present> present_of_one_moment(const trace::trace& log) {
    const std::vector<trace::agent_present> before = log.present();
    std::vector<trace::agent_present> made = log.present();
    std::map<std::uint64_t, std::uint64_t> moves;
    for (const trace::agent_present& agent : before) moves.emplace(agent.offset, agent.moves);
    for (trace::agent_present& agent : made) {
        const auto it = moves.find(agent.offset);
        if (it == moves.end() || it->second != agent.moves) agent.settled = false;
        if (!agent.settled) agent.wants = false;
    }
    trace::bind_condition_waits(made);
    return made;
}

/// Whether `could` tells as what could happen what `did` tells as what happened.
bool is_the_same_deadlock(const draft& could, const draft& did) {
    if (did.kind == findings::kind::deadlock)
        return could.kind == findings::kind::lock_order_cycle && detectors::is_same_cycle(could, did);
    return could.kind == did.kind && could.agent == did.agent && could.lock == did.lock;
}

}  // namespace

std::optional<trace::problem> log_analysis::feed(trace::expectation what_comes) {
    if (!begun_) {
        begun_ = true;
        full_ = log_.file().header().level == format::log_level::full;
    }
    over_ = what_comes == trace::expectation::nothing_more;
    held_.raise_limit(log_.file().size() / sizeof(format::slot));
    return log_.feed(
        [this](std::span<const trace::event> events) {
            for (const trace::event& e : events) {
                // Nearly all events of a long log are one of these two.
                if (e.kind == event_kind::acquire)
                    take_acquisition(e);
                else if (e.kind == event_kind::release)
                    take_release(e);
                else
                    take(e);
            }
        },
        what_comes);
}

void log_analysis::take(const trace::event& e) {
    const auto keep = [this](std::optional<draft> made) {
        if (made) misuse_.push_back(std::move(*made));
    };
    graph::follow(order_, e);
    switch (e.kind) {
        case event_kind::dependency:
        case event_kind::dependency_again:
        case event_kind::join_dependency: take_dependency(e); break;
        case event_kind::test_begin: runs_[e.object] = e.sequence; break;
        case event_kind::agent_create:
            if (const std::uint32_t mark = order_.mark_of(e.agent); mark != 0) created_under_[e.object] = mark;
            break;
        case event_kind::level_change:
            full_ = full_ && e.flags == static_cast<std::uint8_t>(format::log_level::full);
            break;
        case event_kind::acquire_stack:
        case event_kind::acquire_bare: joins_.see_bare_request(e, graph_, order_); break;
        case event_kind::signal_open:
        case event_kind::signal_enter:
        case event_kind::signal_exit: repeats_.forget(); break;
        case event_kind::request:
        case event_kind::semaphore_acquire:
        case event_kind::semaphore_request:
        case event_kind::join_request:
            if (held_.of(e.agent).empty()) joins_.see_bare_request(e, graph_, order_);
            break;
        case event_kind::release_by_non_holder:
            keep(detectors::unlock_by_non_holder(e, log_.names().object(object_id{e.object}).type));
            break;
        case event_kind::destroy_while_held:
        case event_kind::reinit_while_held:
            keep(detectors::lifetime_while_held(e, log_.names().object(object_id{e.object}).type));
            break;
        case event_kind::overrun:
            keep(detectors::spinlock_held_long(e, log_.names().object(object_id{e.object}).type));
            break;
        case event_kind::held_at_exit:
            keep(detectors::held_at_thread_exit(e, log_.names().object(object_id{e.object}).type));
            break;
        case event_kind::broken_promise:
        case event_kind::pool_exhausted:
        case event_kind::handler_overran:
        case event_kind::suspend_holding: keep(detectors::misuse_of_primitive(e)); break;
        default: break;  // reason: what follows looks at the kinds it knows
    }
    if (detectors::lock_writers::is_request(e) && format::queues_readers(log_.names().object(object_id{e.object}).type))
        writers_.see(object_id{e.object}, e.flags, order_.now(e.agent));
    keep(spinlocks_.see(e, held_, [this](object_id id) { return log_.names().object(id).type; }));
    conditions_.see(e);
    self_.see(e, held_);
    signals_.see(e);
    races_.see(e);
    violations_.see(e);
    tries_.see(e);
    wakes_.see(e);
    semaphores_.see(e, held_, full_);
    // Level `order` has no releases: what its chunks say was held would be held for ever.
    if (e.kind != event_kind::held || full_) held_.apply(e);
}

void log_analysis::take_acquisition(const trace::event& e) {
    const bool bare = held_.of(e.agent).empty();
    if (!repeats_.seen(e, bare)) {
        if (bare) joins_.see_bare_request(e, graph_, order_);
        if (format::queues_readers(log_.names().object(object_id{e.object}).type))
            writers_.see(object_id{e.object}, e.flags, order_.now(e.agent));
        signals_.see(e);
    }
    self_.see(e, held_);
    if (!tries_.is_idle()) tries_.see(e);
    if (wakes_.knows_left_locks()) wakes_.see(e);
    held_.apply(e);
}

void log_analysis::take_release(const trace::event& e) {
    conditions_.see(e);
    const detectors::holding* ended = held_.find(e.agent, object_id{e.object});
    if (ended != nullptr && graph::is_shared(ended->flags) != graph::is_shared(e.flags)) {
        if (std::optional<draft> made = detectors::unlock_wrong_mode(e, held_)) misuse_.push_back(std::move(*made));
    }
    if (!tries_.is_idle()) tries_.see(e);
    if (wakes_.knows_left_locks()) wakes_.see(e);
    held_.apply(e);
}

void log_analysis::take_dependency(const trace::event& e) {
    const auto index = dependencies_.feed(e, log_.names(), order_, graph_);
    if (!index) return;
    joins_.see(*index, graph_);
    const graph::dependency d = graph_.at(*index);
    if (d.wanted.termination) return;
    self_.see(d, graph_.paths());
    ranks_.see(d, graph_.paths(), log_.names());
    const object_type outer = type_of(graph_.paths().innermost(d.held).what);
    if (outer == object_type::spinlock || outer == object_type::ticket_lock)
        spinlocks_.see_dependency(d.agent, object_id{d.wanted.id}, d.stack);
    if ((d.flags & lock_flags::reentrant) == 0) {
        signals_.see_request(d.agent, object_id{d.wanted.id}, d.flags, d.stack, d.site);
    }
    const graph::hold& innermost = graph_.paths().innermost(d.held);
    if (!innermost.what.termination) {
        signals_.see_hold(d.agent, object_id{innermost.what.id}, innermost.flags, innermost.stack);
    }
    if (format::queues_readers(type_of(d.wanted))) {
        writers_.see(object_id{d.wanted.id}, d.flags, graph_.moments(*index).back());
        readers_.see(*index, d);
    }
}

object_type log_analysis::type_of(graph::resource what) const {
    return what.termination ? object_type::agent : log_.names().object(object_id{what.id}).type;
}

bool log_analysis::is_lock(graph::resource what) const {
    return type_of(what) != object_type::semaphore || semaphores_.is_lock(object_id{what.id});
}

detectors::damage log_analysis::damage() const {
    const bool lost = !log_.complete();
    const std::vector<trace::blind_spot>& spots = log_.names().blind_spots();
    const bool order_unseen = std::any_of(spots.begin(), spots.end(), [](const trace::blind_spot& one) {
        return one.what == format::blind_spot::openmp;
    });
    return {lost, lost, lost, !log_.well_formed(), order_unseen};
}

graph::edge_rules log_analysis::rules(const symbol_questions& ask) const {
    graph::edge_rules made;
    made.is_lock = [this](graph::resource what) { return is_lock(what); };
    made.try_blocks = [this](const graph::dependency& d) {
        return tries_.waits(d.stack, [this](format::stack_id id) { return log_.names().stack(id); });
    };
    made.is_grouped = [&ask](std::uint8_t, format::stack_id stack) {
        return ask.is_group_acquisition && stack != format::stack_id::none && ask.is_group_acquisition(stack);
    };
    return made;
}

detectors::ladder_sources log_analysis::sources(const symbol_questions& ask) const {
    detectors::ladder_sources made;
    made.graph = &graph_;
    made.order = &order_;
    made.type_of = [this](graph::resource what) { return type_of(what); };
    made.is_lock = [this](graph::resource what) { return is_lock(what); };
    made.is_contradicted = [this](graph::resource what) {
        return !what.termination && held_.is_contradicted(object_id{what.id});
    };
    made.writer_may_come = [this](graph::resource what, std::span<const graph::dependency_index> sides) {
        // What is lost may have been a writer; the verdict is lowered for the loss.
        return log_.complete() ? writers_.may_come(object_id{what.id}, sides, graph_, order_)
                               : detectors::queued_writer::untimed;
    };
    made.is_grouped = [&ask](std::uint8_t, format::stack_id stack) {
        return ask.is_group_acquisition && stack != format::stack_id::none && ask.is_group_acquisition(stack);
    };
    made.damage = damage();
    if (!runs_.empty()) made.tests.run_of = [this](std::uint32_t mark) { return run_of(mark); };
    return made;
}

std::uint32_t log_analysis::run_of(std::uint32_t mark) const {
    const auto it = runs_.find(mark);
    return it == runs_.end() ? 0 : it->second;
}

std::string_view log_analysis::test_of(std::uint32_t mark) const {
    return log_.names().string(format::string_id{run_of(mark)});
}

std::uint32_t log_analysis::mark_at_creation(format::agent_id agent) const {
    const auto it = created_under_.find(number(agent));
    return it == created_under_.end() ? 0 : it->second;
}

/// The dependencies that may lie on a cycle with one that was seen in the stretch, ascending.
std::vector<graph::dependency_index> log_analysis::around(const detectors::test_scope& stretch,
                                                          const mark_range& marks) const {
    std::set<graph::dependency_index> seen;
    for (const graph::lock_graph::sighting& one : graph_.seen_after(stretch.since))
        if (stretch.has(one.mark, one.position) || marks.is_late(one.mark, one.position)) seen.insert(one.dependency);
    const std::vector<graph::dependency_index> listed(seen.begin(), seen.end());
    return listed.empty() ? listed : near_.around(graph_, listed);
}

/// Cycles all of whose sides were seen in the stretch, or the last of whose sides was.
std::vector<draft> log_analysis::cycles_closed(const symbol_questions& ask, mark_range marks) const {
    detectors::ladder_sources within = sources(ask);
    within.tests.first = marks.first;
    within.tests.last = marks.last;
    within.tests.since = marks.since;
    const std::vector<graph::dependency_index> among = around(within.tests, marks);
    if (among.empty()) return {};
    std::vector<draft> made = detectors::find_lock_order_cycles(within, rules(ask), {}, among).drafts;
    detectors::ladder_sources round = sources(ask);
    round.tests.since = marks.round;
    round.tests.before = marks.first_round;
    for (draft& d : detectors::find_lock_order_cycles(round, rules(ask), {}, among).drafts) {
        const detectors::side& last = d.sides[detectors::last_of(d.sides)];
        if (!within.tests.has(last.mark, last.position) && !marks.is_late(last.mark, last.position)) continue;
        const auto same =
            std::find_if(made.begin(), made.end(), [&](const draft& one) { return detectors::is_same_cycle(one, d); });
        if (same == made.end())
            made.push_back(std::move(d));
        else if (d.verdict < same->verdict)
            *same = std::move(d);
    }
    return made;
}

/// Deadlocks of the present, and what of the present the other findings need.
void log_analysis::add_stuck(log_findings& into, moment when, const detectors::standing& noted) const {
    if (!over_ && when != moment::now) return;
    const std::vector<trace::agent_present> present = present_of_one_moment(log_);
    detectors::standing seen = noted;
    if (!seen.watched)
        if (auto kept = kept_standing(log_.file(), present)) seen = std::move(*kept);
    detectors::deadlock_sources asked;
    asked.present = present;
    asked.graph = &graph_;
    asked.type_of = [this](graph::resource what) { return type_of(what); };
    asked.is_lock = [this](graph::resource what) { return is_lock(what); };
    asked.address_of_site = [this](format::site_id id) { return log_.names().site(id).address; };
    asked.innermost_of_stack = [this](format::stack_id id) {
        const trace::call_stack stack = log_.names().stack(id);
        return stack.frames.empty() ? 0 : stack.frames.front();
    };
    asked.watched = seen.watched;
    asked.damage = damage();
    // Recording that stopped left the pages as they were then.
    if ((log_.file().live().status & format::process_status::stopped) != 0) asked.damage.order_lost = true;
    for (draft& d : into.drafts) {
        if (d.kind != findings::kind::self_deadlock || d.reasons.front().what != detectors::fact::happened) continue;
        d.stuck = std::any_of(present.begin(), present.end(), [&](const trace::agent_present& agent) {
            return agent.agent == d.agent && agent.wants && number(agent.want.object) == d.lock.id;
        });
        if (d.stuck) d.behind = detectors::find_behind(asked, std::span{&d.agent, 1});
    }
    // What happened need not be told as what could happen: the same cycle of the lock-order graph is dropped, and what was told by it
    // is counted under the deadlock.
    const auto tell = [&](draft d) {
        std::erase_if(into.drafts, [&](const draft& other) {
            if (d.verdict != findings::verdict::observed || !is_the_same_deadlock(other, d)) return false;
            d.also += other.also;
            return true;
        });
        into.drafts.push_back(std::move(d));
    };
    for (draft& d : detectors::find_deadlocks(asked)) tell(std::move(d));
    // Of several that upgrade at once each waits for itself too: told together.
    std::set<std::pair<format::agent_id, graph::resource>> upgrading;
    for (const draft& d : into.drafts)
        for (const detectors::side& s : d.sides)
            if (d.kind == findings::kind::deadlock && d.stuck && s.held == s.wanted)
                upgrading.insert({s.agent, s.wanted});
    std::erase_if(into.drafts, [&](const draft& d) {
        return d.kind == findings::kind::self_deadlock && d.stuck && upgrading.contains({d.agent, d.lock});
    });
    detectors::stall_sources stalled;
    stalled.present = present;
    stalled.book = &wakes_;
    stalled.full = full_;
    stalled.is_final = over_ && !noted.running;
    stalled.is_lock = asked.is_lock;
    stalled.seen = seen;
    const std::uint64_t status = log_.file().live().status;
    stalled.woken_from_outside = seen.handlers || (status & format::process_status::woken_from_outside) != 0;
    stalled.shares_objects = (status & format::process_status::shares_objects) != 0;
    stalled.damage = asked.damage;
    for (draft& d : detectors::find_stalls(stalled)) tell(std::move(d));
    const bool was_killed = (status & (format::process_status::ended | format::process_status::replaced |
                                       format::process_status::stopped)) == 0;
    if (over_ && when == moment::end && was_killed)
        into.unanswered = detectors::find_unanswered_waits(present, into.drafts, full_ || seen.watched);
    detectors::tell_stalls_by_pools(into.drafts, present,
                                    [this](graph::resource what) { return type_of(what) == object_type::future; });
    detectors::tell_wanted_holds(into.drafts, present, asked.is_lock);
}

/// A thread that is cancelled leaves the join in which it waits, and one that is waited for ends.
void log_analysis::tell_of_cancelling(std::vector<draft>& drafts) const {
    const std::vector<trace::blind_spot>& spots = log_.names().blind_spots();
    const auto cancels = [](const trace::blind_spot& one) { return one.what == format::blind_spot::cancellation; };
    if (std::none_of(spots.begin(), spots.end(), cancels)) return;
    for (draft& d : drafts) {
        const auto joins = [](const detectors::side& s) { return s.wanted.termination; };
        if (std::any_of(d.sides.begin(), d.sides.end(), joins))
            d.reasons.push_back({.what = detectors::fact::cancellable});
    }
}

log_findings log_analysis::findings_so_far(const symbol_questions& ask, moment when, const detectors::standing& seen,
                                           std::optional<mark_range> marks) const {
    log_findings made;
    detectors::cycle_findings cycles;
    if (marks)
        cycles.drafts = cycles_closed(ask, *marks);
    else
        cycles = detectors::find_lock_order_cycles(sources(ask), rules(ask));
    made.drafts = std::move(cycles.drafts);
    made.harmless = cycles.harmless;
    made.harmless_mutual_exclusion = cycles.harmless_mutual_exclusion;
    made.harmless_hold_and_wait = cycles.harmless_hold_and_wait;
    made.not_listed = cycles.not_listed;
    std::vector<draft> others = misuse_;
    others.insert(others.end(), ranks_.drafts().begin(), ranks_.drafts().end());
    others.insert(others.end(), conditions_.drafts().begin(), conditions_.drafts().end());
    std::vector<draft> self = self_.drafts();
    // Somebody else may post a semaphore: who waits for one that it has taken itself is a stall, or none.
    std::erase_if(self,
                  [this](const draft& d) { return !is_lock(d.lock) || type_of(d.lock) == object_type::semaphore; });
    std::move(self.begin(), self.end(), std::back_inserter(others));
    const detectors::ladder_sources asked = sources(ask);
    std::vector<draft> readers = readers_.drafts(graph_, asked.writer_may_come);
    std::move(readers.begin(), readers.end(), std::back_inserter(others));
    std::vector<draft> signals = signals_.drafts();
    std::erase_if(signals, [&](const draft& d) {
        // What happened need not be told as what could happen.
        return !is_lock(d.lock) || std::any_of(others.begin(), others.end(), [&](const draft& o) {
            return o.kind == d.kind && o.lock == d.lock && o.verdict == findings::verdict::observed;
        });
    });
    std::move(signals.begin(), signals.end(), std::back_inserter(others));
    for (draft& d : others) {
        detectors::lower_misuse(d, damage());
        made.drafts.push_back(std::move(d));
    }
    add_stuck(made, when, seen);
    tell_of_cancelling(made.drafts);
    std::vector<draft> races = races_.drafts(damage());
    std::move(races.begin(), races.end(), std::back_inserter(made.drafts));
    std::vector<draft> violations = violations_.drafts(damage());
    std::move(violations.begin(), violations.end(), std::back_inserter(made.drafts));
    return made;
}

}  // namespace interlock::analysis
