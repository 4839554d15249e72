// A finding as data: what detectors hand on and reports print, with no formatting logic. Mirrors report.schema.json.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace interlock::findings {

/// What is wrong. Names as in the report: name().
enum class kind : std::uint8_t {
    lock_order_cycle,
    deadlock,
    self_deadlock,
    lock_rank_violation,
    unlock_not_held,
    unlock_not_owner,
    destroy_while_held,
    held_at_thread_exit,
    stalled,
    data_race,
    atomicity_violation,
    reinit_while_held,
    unlock_wrong_mode,
    broken_promise,
    pool_exhausted,
    handler_overrun,
    suspend_while_holding,
    spinlock_held_long,
    spinlock_held_blocking,
    wait_without_loop,
    condition_two_mutexes,
};

/// How sure, strongest first; the order of the enumerators is the order of strength.
enum class verdict : std::uint8_t {
    observed,
    confirmed,
    proven,
    replayable,
    potential,
    unwitnessed,
    across_runs,
    ordered,
    single_thread,
    guarded,
    escapable,
    unverifiable,
};

enum class severity : std::uint8_t { note, warning, error };

enum class lock_mode : std::uint8_t { exclusive, shared };

enum class answer : std::uint8_t { yes, no, unknown };

/// One frame of a stack, symbolised as far as its module allows. `module` and `offset` are always there.
struct frame {
    std::string function;  // empty: unknown
    std::string file;      // empty: unknown
    std::uint32_t line = 0;
    std::string module;
    std::uint64_t offset = 0;
    bool inlined = false;
};

/// Innermost user frame first: library frames are dropped from the top.
using stack = std::vector<frame>;

/// The type of what a join waits for. Such a lock's name may mention its thread.
inline constexpr std::string_view thread_end_type = "end of a thread";

struct lock {
    std::uint64_t id = 0;
    std::string name;  // user's, or of the data symbol, or empty
    bool named_by_user = false;
    std::string type;
    std::string lock_class;
    std::uint64_t address = 0;
    stack created_at;
    std::size_t log = 0;
};

struct thread {
    std::uint64_t id = 0;
    std::uint32_t task = 0;  // the kernel's id; 0: not known
    std::string name;
    stack created_at;
    std::size_t log = 0;
};

/// One side of a cycle or deadlock: a thread that holds one lock and wants another.
struct edge {
    std::uint64_t thread = 0;  // thread::id
    std::uint64_t held = 0;    // lock::id
    std::uint64_t wanted = 0;  // lock::id
    lock_mode held_mode = lock_mode::exclusive;
    lock_mode wanted_mode = lock_mode::exclusive;
    bool timed = false;
    std::vector<std::uint64_t> guards;  // other locks held at the request
    stack held_stack;
    stack wanted_stack;
    std::size_t log = 0;
    bool approximate = false;  // held_stack was pieced together
    std::string test;          // that made the request; empty: none did, or the process runs no tests
    std::string thread_test;   // that started the thread, where it is another
    bool in_handler = false;   // a signal handler makes the request; not in reports
    bool refused = false;      // the lock said no (EDEADLK): nobody waited
    bool signals = false;      // the thread does not hold `held`: nobody but it, or others as stuck, ever signalled it
};

enum class access_kind : std::uint8_t { read, write, atomic_read, atomic_write, free };

/// One side of a data race.
struct access {
    std::uint64_t thread = 0;  // thread::id
    access_kind does = access_kind::read;
    std::uint64_t size = 0;  // bytes
    std::uint64_t address = 0;
    std::string memory;  // what lies there, in words
    findings::stack stack;
    std::vector<std::uint64_t> locks_held;  // lock::id
    std::size_t log = 0;
};

struct condition {
    answer holds = answer::unknown;
    std::string because;
};

/// The four conditions of Coffman, Elphick and Shoshani (System Deadlocks, 1971), each with its evidence.
struct coffman_conditions {
    condition mutual_exclusion;
    condition hold_and_wait;
    condition no_preemption;
    condition circular_wait;
};

/// A thread of a stall: it waits for what nobody is left to give.
struct stuck_wait {
    std::uint64_t thread = 0;  // thread::id
    std::uint64_t wanted = 0;  // lock::id
    stack at;
};

/// What a stuck thread holds, besides what edges tell, that another of those told of waits for.
struct wanted_hold {
    thread who;
    lock held;
    lock_mode mode = lock_mode::exclusive;
    stack at;
};

/// A thread that is no part of a deadlock and is stuck behind it.
struct bystander {
    thread who;
    lock wanted;
    stack at;
};

struct finding {
    std::string id;  // stable over runs; see fingerprint.hpp
    findings::kind kind = kind::lock_order_cycle;
    findings::verdict verdict = verdict::potential;
    findings::severity severity = severity::error;
    std::string message;  // one sentence
    std::string why;      // the fact that fixed the verdict
    bool suppressed = false;
    std::string suppressed_by;          // the entry, with its place and reason
    bool suppressed_in_source = false;  // by a comment
    bool known = false;                 // the baseline has it
    std::uint64_t occurrences = 1;
    std::vector<lock> locks;
    std::vector<thread> threads;
    std::vector<edge> edges;  // in cycle order
    std::optional<coffman_conditions> coffman;
    std::vector<access> accesses;  // data races: the later one first
    std::string variable;          // data races: the global, empty if it is none
    findings::stack stack;         // kinds without edges: where it happened
    findings::stack wrapper;  // of cycles: the frames inside all stacks of the edges, left out there; innermost first
    // Misuse of what another thread holds: thread::id; ranks: who did it, and holds the lock that comes later. 0: nobody, or not told.
    std::uint64_t holder = 0;
    findings::stack held_stack;  // and where that thread acquired it; empty: the log does not tell
    std::string advice;
    std::uint64_t also = 0;         // longer cycles told by this one
    bool stuck = false;             // deadlocks and stalls: its threads are so at the end of the log; not in reports
    std::vector<stuck_wait> waits;  // stalls: one for each of `threads`
    std::vector<bystander> behind;
    std::vector<wanted_hold> holds;
    std::size_t closing = 0;                   // of a cycle's edges: the request that came last; not in reports
    std::uint64_t occurrences_suppressed = 0;  // besides `occurrences`, of instances that are suppressed
    std::vector<finding> others;  // instances that this one tells besides itself (instances.hpp); not in reports

    /// Whether a reader is to hear of it.
    bool is_told() const noexcept { return !suppressed && !known; }
    /// Whether some request of it is a signal handler's.
    bool is_of_handler() const noexcept {
        return std::any_of(edges.begin(), edges.end(), [](const edge& side) { return side.in_handler; });
    }
};

/// Who has what a thread waits for, as far as the process itself tells.
enum class holder : std::uint8_t {
    untold,         // it keeps no owner
    nobody,         // it is free: the thread is about to go on
    thread,         // `holder_id`
    itself,         // the very thread, and gives up by itself
    readers,        // `readers` of them, which it does not name
    gone,           // `holder_id`, no thread of the process any more
    other_process,  // `holder_id`
    refusing,       // the kernel refused the request: its holder waits for this thread, or is gone
};

/// A thread of a process that waits at the moment of looking.
struct waiting {
    std::uint64_t thread = 0;  // the kernel's id
    std::string thread_name;   // empty: it has none
    lock wanted;
    lock_mode mode = lock_mode::exclusive;
    bool timed = false;
    findings::holder holder = holder::untold;
    std::uint64_t holder_id = 0;  // the kernel's
    std::string holder_name;
    std::uint64_t readers = 0;
    bool in_finding = false;      // it is part of a deadlock
    bool behind_finding = false;  // it waits for one that is, or for one that waits for such
    std::string function;         // of the C library that it waits in
    findings::stack stack;
};

/// What the report says of one log.
struct log_summary {
    std::string path;
    std::string program;
    std::uint64_t pid = 0;
    std::uint64_t events = 0;
    std::uint64_t lost_events = 0;
    std::uint64_t threads = 0;
    std::uint64_t locks = 0;
    std::uint64_t acquisitions = 0;
    bool acquisitions_unknown = false;  // level order does not record them: the number says nothing
    std::uint64_t dependencies = 0;
    bool complete = true;
    std::vector<std::string> gaps;         // what of the log is damaged, missing or against the rest
    std::vector<std::string> blind_spots;  // what could not be recorded
    bool is_moment = false;                // of a process or a core: no events, but who waits
    std::uint64_t waiting = 0;             // threads that wait for another
};

/// Everything a report is made from.
struct report_data {
    std::vector<log_summary> logs;
    std::vector<finding> findings;
    /// Cycles of the lock-order graph that cannot block and are no findings. In JSON: summary.harmless_cycles.
    std::uint64_t harmless_cycles = 0;
    /// Of these, the ones in which mutual exclusion fails (a shared request meets a shared hold) and the ones in which hold
    /// and wait fails (a plain try does not wait); one may fail in both. In JSON: summary.harmless_mutual_exclusion and
    /// summary.harmless_hold_and_wait. The text summary names the condition.
    std::uint64_t harmless_mutual_exclusion = 0;
    std::uint64_t harmless_hold_and_wait = 0;
    /// Cycles beyond the enumeration bound.
    std::uint64_t cycles_not_listed = 0;
    /// Findings are held against a baseline: those that are not known are new.
    bool has_baseline = false;
    /// Of a process or a core: who waits. Those in no finding are the text report's table; in JSON: waits.
    std::vector<waiting> waits;
};

}  // namespace interlock::findings
