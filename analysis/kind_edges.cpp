// Each way of each edge, once; what it is called is asked once a lock and once a stack.
#include "analysis/kind_edges.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "analysis/findings/fingerprint.hpp"
#include "analysis/wrapper_frames.hpp"

namespace interlock::analysis {
namespace {

constexpr std::size_t edges_max = 100'000;
constexpr std::uint64_t ways_max = 5'000'000;
constexpr std::uint32_t guards_depth_max = 256;  // deeper holds are not looked at for guards

findings::lock_mode mode_of(std::uint8_t flags) noexcept {
    return graph::is_shared(flags) ? findings::lock_mode::shared : findings::lock_mode::exclusive;
}

class collector {
public:
    collector(const graph::lock_graph& graph, naming& names, const test_namer& name_test, findings::run_summary& into)
        : graph_{graph}, names_{names}, name_test_{name_test}, into_{into} {}

    /// False once there are too many.
    bool take(const graph::way& how) {
        if (++ways_ > ways_max) return false;
        const graph::dependency& d = graph_.at(how.dependency);
        const graph::hold& h = graph_.paths().innermost(how.step);
        if (h.what.termination || d.wanted.termination) return true;
        findings::kind_edge key;
        key.held = kind_of(h.what);
        key.wanted = kind_of(d.wanted);
        note_handing_out(d, h, key.held);
        key.held_mode = mode_of(h.flags);
        key.wanted_mode = mode_of(d.flags);
        key.timed = (d.flags & format::lock_flags::timed) != 0;
        key.blocking = how.blocking;
        const std::vector<graph::resource> guards = guards_of(d, how.step, key);
        std::tie(key.held_function, key.wanted_function) = functions_of(d, h);
        if (into_.edges.contains(key)) return true;
        if (into_.edges.size() == edges_max) return false;
        findings::edge_example made = example_of(d, h, guards);
        name_test_(how.dependency, made.side);
        into_.edges.emplace(std::move(key), findings::edge_seen{std::move(made), {0}});
        return true;
    }

    /// run_of_log::hands_out
    std::vector<std::string> hands_out() const { return {hands_out_.begin(), hands_out_.end()}; }

private:
    const findings::lock_kind& kind_of(graph::resource what) {
        const auto [it, fresh] = kinds_.try_emplace(what);
        if (fresh) it->second = names_.kind_of(what);
        return it->second;
    }

    /// Where the edge is, for people: the innermost functions behind what both locks are wrapped in.
    std::pair<std::string, std::string> functions_of(const graph::dependency& d, const graph::hold& h) {
        const auto [it, fresh] = functions_.try_emplace({h.stack, d.stack, d.site});
        if (fresh) {
            findings::stack held = names_.stack(h.stack, {});
            findings::stack wanted = names_.stack(d.stack, d.site);
            drop_wrapper(held, wanted);
            it->second = {findings::place_word(held), findings::place_word(wanted)};
        }
        return it->second;
    }

    /// What acquired the hold and is over when the request is made has returned with the lock held; so has, in a way, what made a
    /// lock that others hand out, unless nobody but its user could tell whose lock it is.
    void note_handing_out(const graph::dependency& d, const graph::hold& h, const findings::lock_kind& held) {
        if (h.stack == format::stack_id::none || d.stack == format::stack_id::none) return;
        const auto [it, fresh] = handed_out_.try_emplace({h.stack, d.stack}, false);
        if (fresh) {
            std::vector<std::string> left = names_.left_since(h.stack, d.stack);
            it->second = !left.empty();
            std::move(left.begin(), left.end(), std::inserter(hands_out_, hands_out_.end()));
        }
        if (!it->second || held.births.empty() || !judged_.insert({h.what, d.agent, h.stack}).second) return;
        if (!is_made_by_user_of(held, d.agent, h.stack)) hands_out_.insert(held.births.front().function);
    }

    /// Whether who called the lock's maker is still at work when it is acquired, in this thread or as what started it: a scope that
    /// has the lock for itself, which is another in every test, and no owner that was made with it.
    bool is_made_by_user_of(const findings::lock_kind& lock, format::agent_id agent, format::stack_id acquired) {
        if (lock.births.size() < 2) return false;
        const auto has_caller = [&](const findings::stack& frames) {
            return std::any_of(frames.begin(), frames.end(),
                               [&](const findings::frame& one) { return function_of(one) == lock.births[1].function; });
        };
        return has_caller(names_.stack(acquired, {})) || has_caller(names_.thread(agent).created_at);
    }

    /// Single locks held besides, into the key too; both in the order of the key.
    std::vector<graph::resource> guards_of(const graph::dependency& d, graph::path_id step, findings::kind_edge& key) {
        std::map<findings::guard_kind, graph::resource> found;
        std::uint32_t looked = 0;
        for (graph::path_id at = d.held; at != graph::path_id::empty && looked < guards_depth_max;
             at = graph_.paths().parent(at), ++looked) {
            const graph::hold& h = graph_.paths().innermost(at);
            if (at == step || h.what.termination || !kind_of(h.what).single) continue;
            found.emplace(findings::guard_kind{kind_of(h.what).key, mode_of(h.flags)}, h.what);
        }
        std::vector<graph::resource> locks;
        for (const auto& [guard, lock] : found) {
            key.guards.push_back(guard);
            locks.push_back(lock);
        }
        return locks;
    }

    findings::edge_example example_of(const graph::dependency& d, const graph::hold& h,
                                      const std::vector<graph::resource>& guards) {
        findings::edge_example made;
        made.held = names_.lock(h.what);
        made.wanted = names_.lock(d.wanted);
        made.who = names_.thread(d.agent);
        for (const graph::resource guard : guards) made.guards.push_back(names_.lock(guard));
        made.side.thread = made.who.id;
        made.side.held = made.held.id;
        made.side.wanted = made.wanted.id;
        made.side.held_mode = mode_of(h.flags);
        made.side.wanted_mode = mode_of(d.flags);
        made.side.timed = (d.flags & format::lock_flags::timed) != 0;
        made.side.held_stack = names_.stack(h.stack, {});
        made.side.wanted_stack = names_.stack(d.stack, d.site);
        made.side.approximate = h.approximate;
        for (const findings::lock& guard : made.guards) made.side.guards.push_back(guard.id);
        made.side.log = made.held.log = made.wanted.log = made.who.log = 0;
        for (findings::lock& guard : made.guards) guard.log = 0;
        return made;
    }

    const graph::lock_graph& graph_;
    naming& names_;
    const test_namer& name_test_;
    findings::run_summary& into_;
    std::map<graph::resource, findings::lock_kind> kinds_;
    std::set<std::string> hands_out_;
    std::map<std::pair<format::stack_id, format::stack_id>, bool> handed_out_;          // by stacks of hold and request
    std::set<std::tuple<graph::resource, format::agent_id, format::stack_id>> judged_;  // whose makers were
    std::map<std::tuple<format::stack_id, format::stack_id, format::site_id>, std::pair<std::string, std::string>>
        functions_;
    std::uint64_t ways_ = 0;
};

}  // namespace

void add_kind_edges(const graph::lock_graph& graph, const graph::edge_rules& rules, naming& names,
                    const test_namer& name_test, findings::run_summary& into) {
    collector all{graph, names, name_test, into};
    std::vector<std::string>& unseen = into.runs.front().log.blind_spots;
    if (!graph.each_edge(rules, [&](const graph::way& how) { return all.take(how); }))
        unseen.emplace_back("the lock-order graph is larger than what is joined with that of other runs");
    into.runs.front().hands_out = all.hands_out();
}

}  // namespace interlock::analysis
