// One event at a time to whoever wants it. Detectors see the holds as they were before the event.
#include "analysis/log_analysis.hpp"

#include <algorithm>

#include "analysis/detectors/deadlock.hpp"
#include "analysis/detectors/misuse.hpp"
#include "analysis/detectors/unlock_wrong_mode.hpp"
#include "analysis/graph/order_steps.hpp"

namespace interlock::analysis {

using detectors::draft;
using format::event_kind;
using format::object_id;
using format::object_type;
namespace lock_flags = format::lock_flags;

namespace {

constexpr std::size_t writers_max = 8;

bool is_shared_lock(object_type type) noexcept {
    return type == object_type::shared_mutex || detectors::queues_readers(type);
}

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
    return made;
}

}  // namespace

std::optional<trace::problem> log_analysis::feed(trace::expectation what_comes) {
    if (!begun_) {
        begun_ = true;
        full_ = log_.file().header().level == format::log_level::full;
    }
    over_ = what_comes == trace::expectation::nothing_more;
    return log_.feed(
        [this](std::span<const trace::event> events) {
            for (const trace::event& e : events) take(e);
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
        case event_kind::level_change:
            full_ = full_ && e.flags == static_cast<std::uint8_t>(format::log_level::full);
            break;
        case event_kind::acquire:
        case event_kind::request:
        case event_kind::join_request:
            if (held_.of(e.agent).empty()) joins_.see_bare_request(e, graph_, order_);
            break;
        case event_kind::release: keep(detectors::unlock_wrong_mode(e, held_)); break;
        case event_kind::release_by_non_holder:
            if ((e.flags & lock_flags::succeeded) != 0)
                ended_by_others_.insert({format::agent_id{e.sequence}, e.object});
            keep(detectors::unlock_by_non_holder(e, log_.names().object(object_id{e.object}).type));
            break;
        case event_kind::destroy_while_held: keep(detectors::destroy_while_held(e)); break;
        case event_kind::reinit_while_held: keep(detectors::reinit_while_held(e)); break;
        case event_kind::held_at_exit: keep(detectors::held_at_thread_exit(e)); break;
        default: break;  // reason: what follows looks at the kinds it knows
    }
    if ((e.kind == event_kind::acquire || e.kind == event_kind::request) && !graph::is_shared(e.flags) &&
        is_shared_lock(log_.names().object(object_id{e.object}).type)) {
        std::set<format::agent_id>& writers = writers_[e.object];
        if (writers.size() < writers_max) writers.insert(e.agent);
    }
    self_.see(e, held_);
    signals_.see(e);
    tries_.see(e);
    semaphores_.see(e, held_, full_);
    held_.apply(e);
}

void log_analysis::take_dependency(const trace::event& e) {
    const auto index = dependencies_.feed(e, log_.names(), order_, graph_);
    if (!index) return;
    joins_.see(*index, graph_);
    const graph::dependency d = graph_.at(*index);
    if (d.wanted.termination) return;
    self_.see(d, graph_.paths());
    if ((d.flags & lock_flags::reentrant) == 0) {
        signals_.see_request(d.agent, object_id{d.wanted.id}, d.flags, d.stack, d.site);
    }
    const graph::hold& innermost = graph_.paths().innermost(d.held);
    if (!innermost.what.termination) {
        signals_.see_hold(d.agent, object_id{innermost.what.id}, innermost.flags, innermost.stack);
    }
    if (!graph::is_shared(d.flags)) {
        std::set<format::agent_id>& writers = writers_[d.wanted.id];
        if (writers.size() < writers_max) writers.insert(d.agent);
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
    return {lost, lost, lost, !log_.well_formed()};
}

graph::edge_rules log_analysis::rules(const symbol_questions& ask) const {
    graph::edge_rules made;
    made.is_lock = [this](graph::resource what) { return is_lock(what); };
    made.try_blocks = [this, &ask](const graph::dependency& d) {
        if (tries_.empty() || d.wanted.termination || !ask.same_function) return false;
        const auto& pairs = tries_.of(object_id{d.wanted.id});
        return std::any_of(pairs.begin(), pairs.end(), [&](const detectors::weak_tries::pair& p) {
            return ask.same_function(p.attempt, d.site) && ask.same_function(p.attempt, p.request);
        });
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
    made.writer_may_come = [this](graph::resource what, std::span<const format::agent_id> besides) {
        // Level `order` does not write a request that finds nothing held: a writer may have come unseen.
        if (!full_) return true;
        const auto it = writers_.find(what.id);
        return it != writers_.end() && std::any_of(it->second.begin(), it->second.end(), [&](format::agent_id writer) {
                   return std::find(besides.begin(), besides.end(), writer) == besides.end();
               });
    };
    made.is_grouped = [&ask](std::uint8_t, format::stack_id stack) {
        return ask.is_group_acquisition && stack != format::stack_id::none && ask.is_group_acquisition(stack);
    };
    made.damage = damage();
    return made;
}

std::vector<draft> log_analysis::deadlocks() const {
    if (!over_) return {};
    const std::vector<trace::agent_present> present = present_of_one_moment(log_);
    detectors::deadlock_sources asked;
    asked.present = present;
    asked.graph = &graph_;
    asked.type_of = [this](graph::resource what) { return type_of(what); };
    asked.is_lock = [this](graph::resource what) { return is_lock(what); };
    asked.is_ended_by_other = [this](format::agent_id agent, object_id lock) {
        // The holder learns of it at its next step. It may have acquired the lock again since: then this misses something.
        return ended_by_others_.contains({agent, number(lock)}) ||
               ended_by_others_.contains({format::agent_id::none, number(lock)});
    };
    asked.address_of_site = [this](format::site_id id) { return log_.names().site(id).address; };
    asked.innermost_of_stack = [this](format::stack_id id) {
        const trace::call_stack stack = log_.names().stack(id);
        return stack.frames.empty() ? 0 : stack.frames.front();
    };
    asked.damage = damage();
    // Recording that stopped left the pages as they were then.
    if ((log_.file().live().status & format::process_status::stopped) != 0) asked.damage.order_lost = true;
    return detectors::find_deadlocks(asked);
}

log_findings log_analysis::findings_so_far(const symbol_questions& ask) const {
    detectors::cycle_findings cycles = detectors::find_lock_order_cycles(sources(ask), rules(ask));
    log_findings made;
    made.drafts = std::move(cycles.drafts);
    for (draft& d : deadlocks()) {
        // What happened need not be told as what could happen: the same cycle of the lock-order graph is dropped, and what was
        // told by it is counted under the deadlock.
        std::erase_if(made.drafts, [&](const draft& other) {
            if (other.kind != findings::kind::lock_order_cycle || d.verdict != findings::verdict::observed ||
                !detectors::is_same_cycle(other, d))
                return false;
            d.also += other.also;
            return true;
        });
        made.drafts.push_back(std::move(d));
    }
    made.harmless = cycles.harmless;
    made.harmless_mutual_exclusion = cycles.harmless_mutual_exclusion;
    made.harmless_hold_and_wait = cycles.harmless_hold_and_wait;
    made.not_listed = cycles.not_listed;
    std::vector<draft> others = misuse_;
    // A foreign unlock that succeeded has ended the hold, wherever the trace has it: nothing orders it against acquisition and
    // exit. Such a lock is told once, as unlock-not-owner.
    std::erase_if(others, [this](const draft& d) {
        return d.kind == findings::kind::held_at_thread_exit && ended_by_others_.contains({d.agent, d.lock.id});
    });
    std::vector<draft> self = self_.drafts();
    std::erase_if(self, [this](const draft& d) { return !is_lock(d.lock); });
    std::move(self.begin(), self.end(), std::back_inserter(others));
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
    return made;
}

}  // namespace interlock::analysis
