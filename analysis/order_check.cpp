// By names: kinds that are called the same are one to the authors of the order.
#include "analysis/order_check.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "analysis/findings/fingerprint.hpp"
#include "analysis/findings/mention.hpp"
#include "analysis/findings/severity.hpp"
#include "analysis/graph/strong_components.hpp"
#include "analysis/same_defect.hpp"

namespace interlock::analysis {
namespace {

using findings::finding;

constexpr std::int64_t rank_step = 10;  // room for what comes between

finding violation(const findings::edge_seen& seen, std::string why) {
    const findings::edge_example& one = seen.example;
    finding made;
    made.kind = findings::kind::lock_rank_violation;
    made.verdict = findings::verdict::observed;
    made.severity = findings::severity_of(made.kind, made.verdict);
    made.locks = {one.wanted, one.held};
    made.threads = {one.who};
    made.stack = one.side.wanted_stack;
    made.holder = one.who.id;
    made.held_stack = one.side.held_stack;
    made.occurrences = seen.runs.size();
    made.message = findings::mention_thread(one.who.id) + " asks for " + findings::mention_lock(one.wanted.id) +
                   " while holding " + findings::mention_lock(one.held.id) + ", against the declared order";
    made.why = std::move(why);
    made.advice = "acquire " + findings::mention_lock(one.wanted.id) + " first; or declare this order, if it is meant.";
    made.id = findings::fingerprint(made);
    return made;
}

/// The names that nest in each other, as a graph.
class nesting {
public:
    explicit nesting(const findings::run_summary& all) {
        for (const auto& [key, seen] : findings::edges_by_kind(all)) {
            if (!key.blocking) continue;
            for (const findings::lock_kind* kind : {&key.held, &key.wanted})
                if (kind->name.empty()) nameless_.insert(kind->key.empty() ? kind->word : kind->key);
            if (key.held.name.empty() || key.wanted.name.empty()) continue;
            if (key.held.name == key.wanted.name)
                inside_.insert(key.held.name);
            else
                links_.emplace(number(key.held.name), number(key.wanted.name));
        }
        for (const std::string& name : inside_) number(name);
        const std::vector<std::pair<std::uint32_t, std::uint32_t>> links(links_.begin(), links_.end());
        component_ = graph::strong_components(names_.size(), links);
    }

    /// The length of the longest way to each component, over components.
    std::map<std::uint32_t, std::int64_t> levels() const {
        std::map<std::uint32_t, std::int64_t> level;
        for (const std::uint32_t each : component_) level[each] = 1;
        for (bool changed = true; changed;) {
            changed = false;
            for (const auto& [from, to] : links_) {
                if (component_[from] == component_[to] || level[component_[to]] > level[component_[from]]) continue;
                level[component_[to]] = level[component_[from]] + 1;
                changed = true;
            }
        }
        return level;
    }

    std::string draft() const {
        findings::declared_order order;
        const std::map<std::uint32_t, std::int64_t> level = levels();
        for (std::uint32_t i = 0; i < names_.size(); ++i)
            order.set_rank(names_[i], level.at(component_[i]) * rank_step);
        for (const std::string& name : inside_) order.set_inside(name);
        return order.text(remarks());
    }

private:
    std::uint32_t number(const std::string& name) {
        const auto [it, fresh] = numbers_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
        if (fresh) names_.push_back(name);
        return it->second;
    }

    std::vector<std::string> remarks() const {
        std::vector<std::string> out = {
            "The order in which locks are acquired, drafted from what was seen. Check it in, and hold runs to it with",
            "interlock analyze --lock-order FILE or interlock run --lock-order FILE."};
        for (const auto& [from, to] : links_)
            if (component_[from] == component_[to])
                out.push_back("To be decided: " + names_[from] + " was held while " + names_[to] +
                              " was asked for, and the other way round too, by way of others perhaps.");
        if (!nameless_.empty())
            out.push_back(std::to_string(nameless_.size()) +
                          (nameless_.size() == 1 ? " kind of lock has" : " kinds of locks have") +
                          " neither a class nor a name, and cannot be in it.");
        return out;
    }

    std::map<std::string, std::uint32_t> numbers_;
    std::vector<std::string> names_;
    std::set<std::pair<std::uint32_t, std::uint32_t>> links_;
    std::set<std::string> inside_;
    std::set<std::string> nameless_;
    std::vector<std::uint32_t> component_;
};

}  // namespace

std::vector<finding> order_violations(const findings::run_summary& all, const findings::declared_order& order) {
    defects found;
    for (const auto& [key, seen] : all.edges) {
        if (!key.blocking) continue;
        if (std::optional<std::string> why = order.objection(key.held.name, key.wanted.name))
            found.add(violation(seen, std::move(*why)));
    }
    return found.take();
}

std::string unmet_names(const findings::run_summary& all, const findings::declared_order& order) {
    std::set<std::string> seen;
    for (const auto& [key, one] : all.edges)
        for (const findings::lock_kind* kind : {&key.held, &key.wanted}) seen.insert(kind->name);
    return order.unmet(seen);
}

std::string drafted_order(const findings::run_summary& all) { return nesting(all).draft(); }

}  // namespace interlock::analysis
