// By ids, and by the sites that ids are made of.
#include "analysis/same_defect.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "analysis/findings/fingerprint.hpp"

namespace interlock::analysis {

using findings::finding;

void merge(finding& told, finding other) {
    const std::uint64_t occurrences = told.occurrences + other.occurrences;
    const std::uint64_t also = told.also + other.also;
    const bool stuck = told.stuck || other.stuck;
    if (other.verdict < told.verdict) told = std::move(other);
    told.stuck = stuck;
    told.occurrences = occurrences;
    told.also = also;
}

namespace {

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
        if (const auto it = happened.find(sites(one)); it != happened.end()) it->second->also += one.also;
    }
    std::erase_if(all, [&](const finding& one) {
        return one.kind == findings::kind::lock_order_cycle && happened.contains(sites(one));
    });
}

}  // namespace

void settle(std::vector<finding>& all) {
    drop_what_happened(all);
    std::stable_sort(all.begin(), all.end(), [](const finding& a, const finding& b) {
        return std::tuple(b.severity, a.verdict, a.kind, std::cref(a.id).get()) <
               std::tuple(a.severity, b.verdict, b.kind, std::cref(b.id).get());
    });
}

}  // namespace interlock::analysis
