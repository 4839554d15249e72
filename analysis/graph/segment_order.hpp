// Which stretches of agents can never overlap in this run. Fed with the steps that order one agent after another, it keeps a
// vector clock (Mattern 1989) for each segment of each agent; asked by detectors whether two requests can be pending at once.
// Which event is which step is left to the caller: this knows agents and objects by number only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "analysis/graph/clock.hpp"
#include "instrument/format/event.hpp"
#include "instrument/format/ids.hpp"

namespace interlock::graph {

/// One request of an agent in time: in which of its segments, and after how many others of this log (ties within a segment).
struct moment {
    format::agent_id agent{};
    std::uint32_t segment = 0;
    std::uint32_t mark = 0;         // of the test it belongs to; 0: of none
    std::uint32_t initialiser = 0;  // the run of one that it was made in, the innermost; 0: none
    std::uint64_t position = 0;
    std::uint32_t nth = 0;  // request of the process, by the process's own account; 0: not known
    friend bool operator==(const moment&, const moment&) = default;
};

/// The step that put one moment before another: `agent` learnt of the earlier one by `kind` on `object`.
struct order_evidence {
    moment earlier;
    moment later;
    format::event_kind kind = format::event_kind::none;
    std::uint32_t object = 0;  // an agent_id or an object_id, as the kind says
};

/// Thread-bound. Memory: one entry for each step by which an agent learnt something new.
class segment_order {
public:
    /// From here on what `agent` does is of a test (0: of none): the number of the mark in the log. Its segment ends.
    void enter_test(format::agent_id agent, std::uint32_t mark);
    /// The mark under which `agent` is.
    std::uint32_t mark_of(format::agent_id agent) const noexcept;
    /// Of the last moment that was given out.
    std::uint64_t position() const noexcept { return position_; }

    /// The moment of `agent` now. Each call gives a later position.
    moment now(format::agent_id agent);

    /// `agent` makes its past known under `object` (create, exit, done, set, submit, finish); its segment ends.
    void publish(format::agent_id agent, format::event_kind kind, std::uint32_t object);
    /// `agent` goes on after everything that was published under (`as`, `object`); its segment ends.
    void observe(format::agent_id agent, format::event_kind kind, std::uint32_t object, format::event_kind as);

    /// The initialiser of `once` runs on `agent` until it is done or left by an exception. Whoever passes goes on after what was done
    /// inside and after what was learnt inside, and not after what `agent` had done before: any other caller could have run it.
    void begin_initialiser(format::agent_id agent, std::uint32_t once);
    void end_initialiser(format::agent_id agent, std::uint32_t once, bool done);
    void pass_once(format::agent_id agent, std::uint32_t once);

    /// A barrier, phase by phase: who passes a phase goes on after everybody who arrived in it, and after nobody else.
    void arrive(format::agent_id agent, std::uint32_t barrier);
    void pass(format::agent_id agent, std::uint32_t barrier);

    /// An event: who passes goes on after the one agent that set it since the last reset. Several setters order nothing, since
    /// any one of them would have sufficed.
    void set(format::agent_id agent, std::uint32_t event);
    void reset(format::agent_id agent, std::uint32_t event);
    void pass_event(format::agent_id agent, std::uint32_t event);

    /// True if `a` was over before `b` could begin; of one agent, if `a` is `b` or came first. Not transitive: what an agent did
    /// before it ran an initialiser comes before that, and that before who passes, but not the first before the last.
    bool before(const moment& a, const moment& b) const noexcept;
    /// True if `a` is before `b`, and whatever is before `a` is before `b` too.
    bool is_extended(const moment& a, const moment& b) const;
    /// What put `a` before `b`. Precondition: before(a, b).
    order_evidence evidence(const moment& a, const moment& b) const;

    /// One moment of each side such that no two are ordered, so that all can be pending at once: the first by position, if
    /// there is one (conjunctive predicate detection, Garg and Waldecker 1994). Precondition: each side is a chain, that is,
    /// ordered by is_extended(). Else: nothing, and `last` tells one pair that failed. Cost: O(sides² · moments · log segments).
    std::optional<std::vector<moment>> overlap(std::span<const std::span<const moment>> sides,
                                               std::optional<order_evidence>& last) const;

private:
    struct step {
        std::uint32_t segment = 0;  // first segment that knows
        format::event_kind kind = format::event_kind::none;
        std::uint32_t object = 0;
        graph::clock past;
    };
    struct open_initialiser {
        std::uint32_t once = 0;
        std::uint32_t run = 0;
        bool has_moments = false;
        graph::clock before;  // the agent's past when it began
    };
    struct initialised {
        std::uint32_t run = 0;  // 0: no request was made inside
        std::uint32_t segment = 0;
        graph::clock learnt;
    };
    struct agent_history {
        std::uint32_t segment = 1;
        std::uint32_t requested = 0;  // the last segment with a moment: all that others need to know
        std::uint32_t mark = 0;
        std::vector<step> steps;  // `past` grows along them
        std::vector<open_initialiser> initialisers;
    };
    struct phase {
        graph::clock arrived;
        std::uint32_t inside = 0;  // arrived and not yet passed
    };
    struct barrier_state {
        std::uint32_t current = 0;
        std::unordered_map<std::uint32_t, std::uint32_t> phase_of;  // agent to the phase it arrived in last
        std::map<std::uint32_t, phase> phases;
    };
    struct event_state {
        graph::clock setter_past;
        format::agent_id setter{};
        bool several = false;
    };

    agent_history& history(format::agent_id agent);
    graph::clock past_of(format::agent_id agent);
    void learn(format::agent_id agent, format::event_kind kind, std::uint32_t object, const graph::clock& what);
    const step* known_at(const moment& where) const noexcept;
    static bool knows(const step& at, const moment& what) noexcept;

    std::unordered_map<std::uint32_t, agent_history> agents_;
    std::unordered_map<std::uint64_t, graph::clock> published_;
    std::unordered_map<std::uint32_t, barrier_state> barriers_;
    std::unordered_map<std::uint32_t, event_state> events_;
    std::unordered_map<std::uint32_t, initialised> initialised_;
    std::uint32_t initialiser_runs_ = 0;
    bool is_transitive_ = true;
    std::uint64_t position_ = 0;
};

}  // namespace interlock::graph
