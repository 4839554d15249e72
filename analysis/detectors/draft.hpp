// A finding as detectors know it: ids of the log instead of names and source lines, facts instead of sentences. The analyser
// makes findings of drafts, with symbols and words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/findings/finding.hpp"
#include "analysis/graph/held_paths.hpp"
#include "instrument/format/event.hpp"
#include "instrument/format/ids.hpp"

namespace interlock::detectors {

/// What a verdict rests on.
enum class fact : std::uint8_t {
    nothing_prevents,  // distinct agents, no guard, no order; no witness was searched for
    happened,          // the log shows it
    ordered,           // side `first` was over before side `second` could begin: `step` on `object` lies between
    one_agent,         // `agent` made every request
    agent_twice,       // `agent` made the requests of sides `first` and `second` and cannot make both at once
    guarded,           // sides `first` and `second` hold `lock` in conflicting modes
    gives_up,          // the request of side `first` has a time-out
    writer_needed,     // side `first` waits behind a queued writer of `lock`, not for the shared hold itself
    try_blocks,        // side `first` is a try whose function was seen to block on that lock after a failed try
    group,             // side `first` is part of a group acquisition
    events_lost,       // the log has gaps that could hide what prevents it
    ill_formed,        // the log contradicts itself
    not_all_examined,  // more combinations than the bound
    refused,           // the lock said no (EDEADLK)
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
    std::vector<std::uint64_t> held_trail{};    // return addresses, innermost first: what the state page knows where no
    std::vector<std::uint64_t> wanted_trail{};  // stack was taken; better than the site alone
};

struct draft {
    findings::kind kind = findings::kind::lock_order_cycle;
    findings::verdict verdict = findings::verdict::potential;
    std::vector<reason> reasons;  // the first fixed the verdict
    std::vector<side> sides;      // in cycle order: each wants what the next holds
    graph::resource lock;         // kinds without sides
    format::agent_id agent{};     // who did it; none where sides tell
    format::agent_id holder{};    // who holds the lock, where that is somebody else
    format::stack_id stack{};
    format::site_id site{};
    std::uint64_t occurrences = 1;
    std::uint64_t also = 0;  // longer cycles told by this one
};

/// What of the log is missing, as far as verdicts hang on it (the contract's "What lost events do").
struct damage {
    bool order_lost = false;         // a start, join, release, rebirth or agent switch may be missing
    bool segments_lost = false;      // later segments may be missing
    bool acquisitions_lost = false;  // an acquisition may be missing
    bool ill_formed = false;
};

}  // namespace interlock::detectors
