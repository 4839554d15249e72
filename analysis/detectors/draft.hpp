// A finding as detectors know it: ids of the log instead of names and source lines, facts instead of sentences. The analyser
// makes findings of drafts, with symbols and words.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "analysis/findings/finding.hpp"
#include "analysis/graph/held_paths.hpp"
#include "analysis/trace/present.hpp"
#include "instrument/format/event.hpp"
#include "instrument/format/ids.hpp"
#include "instrument/format/payload.hpp"

namespace interlock::detectors {

/// What a verdict rests on.
enum class fact : std::uint8_t {
    nothing_prevents,  // distinct agents, no guard, no order; no witness was searched for
    happened,          // the log shows it
    standing,          // the process itself shows it, at one moment
    ordered,           // side `first` was over before side `second` could begin: `step` on `object` lies between
    one_agent,         // `agent` made every request
    agent_twice,       // `agent` made the requests of sides `first` and `second` and cannot make both at once
    guarded,           // sides `first` and `second` hold `lock` in conflicting modes
    gives_up,          // the request of side `first` has a time-out
    cancellable,       // a thread of a join may be cancelled, as the program can
    writer_gives_up,   // whatever writer of `lock` side `first` can wait behind has a time-out
    writer_needed,     // side `first` waits behind a queued writer of `lock`, not for the shared hold itself
    acquires_again,    // `agent` waits for condition `object`, and goes on only with its mutex `lock`
    try_blocks,        // side `first` is a try; the same code was seen to wait after each failed one
    group,             // side `first` is part of a group acquisition
    events_lost,       // the log has gaps that could hide what prevents it
    order_unseen,      // something orders threads that the recorder does not see
    ill_formed,        // the log contradicts itself
    not_all_examined,  // more combinations than the bound
    refused,           // the lock said no (EDEADLK)
    wakers_stuck,      // whoever ever signalled what they wait for is one of them
    nobody_signals,    // nobody is left, and nobody left ever signalled `lock`
    signals_unknown,   // nobody is left; level order does not record who signals
    signallers_ended,  // whoever signalled `lock` has ended
    notified_unheard,  // condition `lock` was notified when nobody waited for it
    never_set,         // future `lock` has no value, and nobody has abandoned it
    parties_missing,   // `first` of `second` parties (0: not known) have arrived, and nobody is left who did before
    left_by_ended,     // `agent` has ended without releasing `lock`
    left_by_fork,      // a thread of the parent process held `lock` at the fork
    held_across,       // a thread of another process holds `lock`, and waits for what this one holds
    left_by_process,   // `lock` was held by another process, which is no more
    against_ranks,     // ranks of the lock wanted and of the lock held: `first`, `second`
    held_for,          // so many microseconds: `object`
    woken_spuriously,  // the wait returned without a notification, and its mutex was released without another wait
    unordered,         // a race: nothing orders the two; they last met in object `object` (0: never)
    came_between,      // another's write lay between check and act
    may_come_between,  // it did not, but nothing keeps it from that
    tests_apart,       // its sides were seen in tests that ran one after the other, and no test has them all
    in_handler,        // the handler of signal `object` (0: not known) wants `lock`, which code it can interrupt holds
};

struct reason {
    fact what = fact::nothing_prevents;
    std::size_t first = 0;
    std::size_t second = 0;
    graph::resource lock{};
    format::agent_id agent{};
    format::event_kind step = format::event_kind::none;
    std::uint32_t object = 0;
};

/// Where the same two locks were held and wanted too.
struct other_way {
    format::stack_id held_stack{};
    format::stack_id wanted_stack{};
    format::site_id wanted_site{};  // where no stack was taken
    friend auto operator<=>(const other_way&, const other_way&) = default;
};

/// One agent that holds one thing and wants another.
struct side {
    format::agent_id agent{};
    graph::resource held;
    graph::resource wanted;
    std::uint8_t held_flags = 0;    // lock_flags
    std::uint8_t wanted_flags = 0;  // lock_flags
    std::vector<graph::resource> guards;
    format::stack_id held_stack{};
    format::stack_id wanted_stack{};
    format::site_id wanted_site{};  // where no stack was taken
    bool approximate = false;
    format::site_id held_site{};                // where no stack was taken
    bool signals = false;                       // `held` is what it alone would signal, not what it holds
    std::vector<other_way> elsewhere{};         // besides, in the same modes: the finding's id is the least
    std::vector<std::uint64_t> held_trail{};    // return addresses, innermost first: what the state page knows where no
    std::vector<std::uint64_t> wanted_trail{};  // stack was taken; better than the site alone
    std::uint32_t mark = 0;                     // of the test in which the request was made; 0: in none
    std::uint64_t position = 0;                 // of the request among those of the log
    std::uint32_t nth = 0;                      // request of the process, by its own account; 0: not known
};

/// Which of the sides made its request last: by the process's own account where all have a number there, else by their positions in the merged
/// log, which are one of several orders that are possible. Precondition: not empty.
std::size_t last_of(std::span<const side> sides) noexcept;

/// One agent that waits: in a stall for what nobody gives; else no part of what is told, for one that is, by way of others perhaps.
struct bystander {
    format::agent_id agent{};
    graph::resource wanted;
    format::stack_id stack{};
    std::vector<std::uint64_t> trail;  // where no stack was taken
};

/// What a stuck agent holds and another of those told of waits for.
struct wanted_hold {
    format::agent_id agent{};
    graph::resource held;
    std::uint8_t flags = 0;            // lock_flags
    std::vector<std::uint64_t> trail;  // where it was acquired
};

struct draft {
    findings::kind kind = findings::kind::lock_order_cycle;
    findings::verdict verdict = findings::verdict::potential;
    std::vector<reason> reasons;             // the first fixed the verdict
    std::vector<side> sides;                 // in cycle order: each wants what the next holds
    graph::resource lock;                    // kinds without sides
    graph::resource other{};                 // a second lock that plays a part in those
    format::agent_id agent{};                // who did it; none where sides tell
    std::vector<format::agent_id> agents{};  // besides
    std::vector<std::uint64_t> trail{};      // return addresses, innermost first, where no stack was taken
    format::agent_id holder{};               // who holds `lock`, or `other` where there is one
    format::stack_id held_stack{};           // and where it acquired it, if the log tells
    format::stack_id stack{};
    format::site_id site{};
    std::uint64_t occurrences = 1;
    std::uint64_t also = 0;        // longer cycles told by this one
    bool stuck = false;            // its agents are so at the end of what was read
    std::vector<bystander> waits;  // stalls: what each of `agents` waits for
    std::vector<bystander> behind;
    std::vector<wanted_hold> holds;  // by agent; those of `sides` apart
    std::optional<format::race_payload>
        race;                  // data races: both sides, and the memory; of a check: the act and the write
    format::stack_id check{};  // of atomicity violations: where it was made
};

/// Says of an agent whose request is a condition wait's (trace::bind_condition_waits) that it is.
void tell_reacquisition(const trace::agent_present& agent, draft& into);

/// All that it tells of: who did it, its sides, who queues between them, who is stuck behind it.
std::set<format::agent_id> agents_of(const draft& of);

/// What of the log is missing, as far as verdicts hang on it (the contract's "What lost events do").
struct damage {
    bool order_lost = false;         // a start, join, release, rebirth or agent switch may be missing
    bool segments_lost = false;      // later segments may be missing
    bool acquisitions_lost = false;  // an acquisition may be missing
    bool ill_formed = false;
    bool order_unseen = false;  // a blind spot hides what orders threads
};

}  // namespace interlock::detectors
