// By ids, and by the sites that ids are made of.
#include "analysis/same_defect.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "analysis/findings/fingerprint.hpp"
#include "analysis/findings/instances.hpp"

namespace interlock::analysis {

using findings::finding;

namespace {

constexpr std::size_t instances_max = 1'000;

/// `other` cannot be told from `told`: the stronger stays, both are counted.
void merge(finding& told, finding other) {
    const std::uint64_t occurrences = told.occurrences + other.occurrences;
    const std::uint64_t also = told.also + other.also;
    const bool stuck = told.stuck || other.stuck;
    if (other.verdict < told.verdict) told = std::move(other);
    told.stuck = stuck;
    told.occurrences = occurrences;
    told.also = also;
}

/// The instances of a cycle that no instance of the deadlock looks like: who suppresses the deadlock has not said a word of them.
void add_instances(finding& deadlock, const finding& cycle) {
    std::set<std::string> known;
    for (const finding& one : findings::instances_of(deadlock)) known.insert(findings::look_of(one));
    for (finding& one : findings::instances_of(cycle))
        if (known.insert(findings::look_of(one)).second) deadlock.others.push_back(std::move(one));
}

/// A lock-order cycle at the very sites of a deadlock is the same defect, and happened: the deadlock alone is listed. Longer
/// cycles that the dropped one told are counted under it.
void drop_what_happened(std::vector<finding>& all) {
    const auto sites = [](const finding& one) {
        std::string text = findings::fingerprint_text(one);
        return text.erase(0, text.find('\n'));
    };
    std::map<std::string, finding*> happened;
    for (finding& one : all) {
        if (one.kind == findings::kind::deadlock && one.verdict == findings::verdict::observed)
            happened.emplace(sites(one), &one);
    }
    if (happened.empty()) return;
    for (const finding& one : all) {
        if (one.kind != findings::kind::lock_order_cycle) continue;
        const auto it = happened.find(sites(one));
        if (it == happened.end()) continue;
        it->second->also += one.also;
        add_instances(*it->second, one);
    }
    std::erase_if(all, [&](const finding& one) {
        return one.kind == findings::kind::lock_order_cycle && happened.contains(sites(one));
    });
}

}  // namespace

void defects::add(finding given) {
    const auto [place, is_new] = by_id_.try_emplace(given.id, all_.size());
    if (is_new) all_.emplace_back();
    defect& here = all_[place->second];
    for (finding& one : findings::instances_of(std::move(given))) {
        if (here.instances.size() == instances_max) {
            const auto known = here.by_look.find(findings::look_of(one));
            merge(here.instances[known == here.by_look.end() ? 0 : known->second], std::move(one));
            continue;
        }
        const auto [at, fresh] = here.by_look.try_emplace(findings::look_of(one), here.instances.size());
        if (fresh)
            here.instances.push_back(std::move(one));
        else
            merge(here.instances[at->second], std::move(one));
    }
}

std::vector<finding> defects::take() {
    std::vector<finding> told;
    for (defect& one : std::exchange(all_, {})) told.push_back(findings::told_of(std::move(one.instances)));
    by_id_.clear();
    return told;
}

void settle(std::vector<finding>& all) {
    drop_what_happened(all);
    std::stable_sort(all.begin(), all.end(), [](const finding& a, const finding& b) {
        return std::tuple(b.severity, a.verdict, a.kind, std::cref(a.id).get()) <
               std::tuple(a.severity, b.verdict, b.kind, std::cref(b.id).get());
    });
}

}  // namespace interlock::analysis
