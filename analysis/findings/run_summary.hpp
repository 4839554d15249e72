// Many runs as one: what each log showed, and the lock-order graph by lock class, so that edges of different processes meet. A set
// union: joining is associative, commutative and idempotent, since whatever differs between two summaries is settled by the runs'
// ids and by nothing that hangs on order.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// A frame of the stack on which a lock was first seen.
struct birth_frame {
    std::string function;  // with its module; compared with run_of_log::hands_out
    std::string key;       // the line of source, else the offset
    std::string word;      // the function for people
    friend auto operator<=>(const birth_frame&, const birth_frame&) = default;
};

/// What a lock is in every run: by the class that the user gave it, by its variable, else by the place where it was first seen.
struct lock_kind {
    std::string key;      // equal in all processes of one build; empty: `births` tells it (edges_by_kind()), or nothing
    std::string word;     // for people, and for what must outlive a new build: without offsets
    std::string name;     // what a declared order may call it: its class, its name, or its variable without indices
    bool single = false;  // there is one such lock a process
    std::vector<birth_frame> births;  // innermost first, without library frames; empty where `key` is known
    friend auto operator<=>(const lock_kind&, const lock_kind&) = default;
};

struct guard_kind {
    std::string key;
    lock_mode mode = lock_mode::exclusive;
    friend auto operator<=>(const guard_kind&, const guard_kind&) = default;
};

/// "Some thread wanted a lock of kind `wanted` while it held one of kind `held`", by what makes a difference to a cycle.
struct kind_edge {
    lock_kind held;
    lock_kind wanted;
    lock_mode held_mode = lock_mode::exclusive;
    lock_mode wanted_mode = lock_mode::exclusive;
    bool timed = false;
    bool blocking = true;            // false: a plain try
    std::vector<guard_kind> guards;  // single locks held besides, ascending
    std::string held_function;
    std::string wanted_function;
    friend auto operator<=>(const kind_edge&, const kind_edge&) = default;
};

/// One instance of a kind_edge, to be shown. `log` of its parts is an index into run_summary::runs.
struct edge_example {
    edge side;
    lock held;
    lock wanted;
    std::vector<lock> guards;
    thread who;
};

struct edge_seen {
    edge_example example;             // of the run with the least id among `runs`
    std::vector<std::uint32_t> runs;  // indices into run_summary::runs, ascending
};

struct run_of_log {
    std::string id;  // of the process, the same in every copy of its log
    log_summary log;
    std::uint64_t harmless_cycles = 0;
    std::uint64_t harmless_mutual_exclusion = 0;
    std::uint64_t harmless_hold_and_wait = 0;
    std::uint64_t cycles_not_listed = 0;
    /// Functions that returned while a lock was held that they had acquired, or that made such a lock: they belong to what
    /// locks are wrapped in, and are no place that tells one kind of lock from another. Ascending, as birth_frame::function.
    std::vector<std::string> hands_out;
};

/// One instance of a finding (instances.hpp), whatever runs it was seen in.
struct finding_seen {
    finding what;                                     // the strongest; of equals that of the run with the least id
    std::uint32_t run = 0;                            // which run that is
    std::map<std::uint32_t, std::uint64_t> occurred;  // by run
};

struct run_summary {
    std::vector<run_of_log> runs;
    std::map<std::string, finding_seen> findings;  // by key_of
    std::map<kind_edge, edge_seen> edges;
};

/// Tells instances of findings apart: id and look.
std::string key_of(const finding& what);

/// Sets the run of all that a finding, or an example, is made of.
void set_run(finding& what, std::uint32_t run);
void set_run(edge_example& one, std::uint32_t run);

/// Adds `other` to `into`. Runs that both have count once. Cost: linear in `other`, times the logarithm of `into`.
void join(run_summary& into, run_summary other);

/// The same summary with its runs in order of their ids: equal summaries become equal in every field.
run_summary in_canonical_order(run_summary all);

/// The edges with kinds for locks that only their births tell: by the innermost frame of a function that hands out no lock in any
/// of the runs. Where there is none `key` stays empty. Hence the same for any order of joining. Cost: a copy of the edges.
std::map<kind_edge, edge_seen> edges_by_kind(const run_summary& all);

/// An edge of the graph as one line that stays the same over runs and builds: "accounts[].m in transfer => journal in append".
std::string edge_text(const kind_edge& one);

}  // namespace interlock::findings
