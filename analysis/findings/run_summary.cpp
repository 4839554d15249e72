// Indices of runs are those of one summary: whatever comes from another is renumbered on its way in.
#include "analysis/findings/run_summary.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <string_view>

#include "analysis/findings/instances.hpp"

namespace interlock::findings {
namespace {

using numbers = std::vector<std::uint32_t>;  // of a run, by its index elsewhere

void renumber(numbers& runs, const numbers& to) {
    for (std::uint32_t& one : runs) one = to[one];
    std::sort(runs.begin(), runs.end());
}

void renumber(finding_seen& one, const numbers& to) {
    one.run = to[one.run];
    set_run(one.what, one.run);
    std::map<std::uint32_t, std::uint64_t> moved;
    for (const auto& [run, often] : one.occurred) moved.emplace(to[run], often);
    one.occurred = std::move(moved);
}

void renumber(edge_seen& one, const numbers& to) {
    set_run(one.example, to[static_cast<std::uint32_t>(one.example.side.log)]);
    renumber(one.runs, to);
}

void add_edge(const std::vector<run_of_log>& runs, std::map<kind_edge, edge_seen>& into, const kind_edge& key,
              edge_seen&& other) {
    const auto [it, fresh] = into.try_emplace(key);
    edge_seen& here = it->second;
    if (fresh) {
        here = std::move(other);
        return;
    }
    if (runs[static_cast<std::uint32_t>(other.example.side.log)].id <
        runs[static_cast<std::uint32_t>(here.example.side.log)].id)
        here.example = std::move(other.example);
    numbers all;
    std::set_union(here.runs.begin(), here.runs.end(), other.runs.begin(), other.runs.end(), std::back_inserter(all));
    here.runs = std::move(all);
}

void settle_kind(lock_kind& one, const std::set<std::string_view>& hands_out) {
    const auto told = std::find_if(one.births.begin(), one.births.end(),
                                   [&](const birth_frame& at) { return !hands_out.contains(at.function); });
    if (told == one.births.end()) return;
    one.key = "place " + one.word + ' ' + told->key;
    one.word += " of " + told->word;
    one.births.clear();
}

class joiner {
public:
    explicit joiner(run_summary& into) : into_{into} {}

    void take(const std::string& key, finding_seen&& other) {
        const auto [it, fresh] = into_.findings.try_emplace(key);
        finding_seen& here = it->second;
        if (fresh) {
            here = std::move(other);
            return;
        }
        const bool stuck = here.what.stuck || other.what.stuck;
        for (const auto& [run, often] : other.occurred) {
            std::uint64_t& known = here.occurred[run];
            known = std::max(known, often);
        }
        if (std::tuple(other.what.verdict, id_of(other.run)) < std::tuple(here.what.verdict, id_of(here.run))) {
            here.what = std::move(other.what);
            here.run = other.run;
        }
        here.what.stuck = stuck;
    }

    void take(const kind_edge& key, edge_seen&& other) { add_edge(into_.runs, into_.edges, key, std::move(other)); }

private:
    const std::string& id_of(std::uint32_t run) const { return into_.runs[run].id; }
    run_summary& into_;
};

}  // namespace

std::string key_of(const finding& what) { return what.id + ' ' + look_of(what); }

void set_run(finding& what, std::uint32_t run) {
    for (lock& one : what.locks) one.log = run;
    for (thread& one : what.threads) one.log = run;
    for (edge& one : what.edges) one.log = run;
    for (access& one : what.accesses) one.log = run;
    for (bystander& one : what.behind) one.who.log = one.wanted.log = run;
    for (wanted_hold& one : what.holds) one.who.log = one.held.log = run;
}

void set_run(edge_example& one, std::uint32_t run) {
    one.side.log = one.held.log = one.wanted.log = one.who.log = run;
    for (lock& each : one.guards) each.log = run;
}

void join(run_summary& into, run_summary other) {
    std::map<std::string, std::uint32_t> known;
    for (std::uint32_t i = 0; i < into.runs.size(); ++i) known.emplace(into.runs[i].id, i);
    numbers to;
    for (run_of_log& one : other.runs) {
        const auto [it, fresh] = known.try_emplace(one.id, static_cast<std::uint32_t>(into.runs.size()));
        if (fresh)
            into.runs.push_back(std::move(one));
        else if (one.log.path < into.runs[it->second].log.path)
            into.runs[it->second] = std::move(one);  // another copy of the same log
        to.push_back(it->second);
    }
    joiner all{into};
    for (auto& [key, one] : other.findings) {
        renumber(one, to);
        all.take(key, std::move(one));
    }
    for (auto& [key, one] : other.edges) {
        renumber(one, to);
        all.take(key, std::move(one));
    }
}

run_summary in_canonical_order(run_summary all) {
    numbers order(all.runs.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return all.runs[a].id < all.runs[b].id; });
    numbers to(order.size());
    std::vector<run_of_log> runs;
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        to[order[i]] = i;
        runs.push_back(std::move(all.runs[order[i]]));
    }
    all.runs = std::move(runs);
    for (auto& [id, one] : all.findings) renumber(one, to);
    for (auto& [key, one] : all.edges) renumber(one, to);
    return all;
}

std::map<kind_edge, edge_seen> edges_by_kind(const run_summary& all) {
    std::set<std::string_view> hands_out;
    for (const run_of_log& run : all.runs) hands_out.insert(run.hands_out.begin(), run.hands_out.end());
    std::map<kind_edge, edge_seen> made;
    for (const auto& [given, seen] : all.edges) {
        kind_edge key = given;
        settle_kind(key.held, hands_out);
        settle_kind(key.wanted, hands_out);
        add_edge(all.runs, made, key, edge_seen{seen});
    }
    return made;
}

std::string edge_text(const kind_edge& one) {
    const auto end = [](const lock_kind& what, lock_mode mode, const std::string& function) {
        return what.word + (mode == lock_mode::shared ? " (shared)" : "") +
               (function.empty() ? std::string() : " in " + function);
    };
    return end(one.held, one.held_mode, one.held_function) + (one.blocking ? " => " : " => (try) ") +
           end(one.wanted, one.wanted_mode, one.wanted_function) + (one.timed ? " (timed)" : "");
}

}  // namespace interlock::findings
