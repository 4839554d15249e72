// What a suppression may see is a set: neither the order of a cycle's sides nor how often a stack occurs makes a difference to it.
#include "analysis/findings/instances.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "analysis/findings/each_stack.hpp"
#include "analysis/findings/fingerprint.hpp"

namespace interlock::findings {
namespace {

constexpr char end_of_field = '\0';

std::string text_of(char what, const stack& frames) {
    std::string out(1, what);
    for (const frame& one : frames) {
        for (const std::string& field : {one.function, one.file, std::to_string(one.line), one.module}) {
            out += field;
            out += end_of_field;
        }
    }
    return out;
}

}  // namespace

std::string look_of(const finding& what) {
    std::set<std::string> parts;
    any_stack(what, [&](const stack& frames) { return parts.insert(text_of('s', frames)), false; });
    for (const thread& one : what.threads) parts.insert(text_of('t', one.created_at));
    for (const lock& one : what.locks)
        parts.insert('l' + one.name + end_of_field + one.lock_class + end_of_field + text_of('c', one.created_at));
    std::string all = what.variable + end_of_field + (what.is_of_handler() ? 'h' : '-');
    for (const std::string& one : parts) all += one + end_of_field;
    return digest(all);
}

std::vector<finding> instances_of(finding told) {
    std::vector<finding> all(1);
    for (finding& one : std::exchange(told.others, {})) {
        if (one.id == told.id) {
            told.occurrences -= one.occurrences;
            told.also -= one.also;
        }
        all.push_back(std::move(one));
    }
    all.front() = std::move(told);
    return all;
}

finding told_of(std::vector<finding> instances) {
    const auto strongest = std::min_element(instances.begin(), instances.end(),
                                            [](const finding& a, const finding& b) { return a.verdict < b.verdict; });
    finding told = std::move(*strongest);
    instances.erase(strongest);
    for (const finding& one : instances) {
        if (one.id != told.id) continue;
        told.occurrences += one.occurrences;
        told.also += one.also;
        told.stuck = told.stuck || one.stuck;
    }
    told.others = std::move(instances);
    return told;
}

}  // namespace interlock::findings
