// Sentences from data. Every fact in them is a field of the finding.
#include "analysis/report/explain.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analysis/findings/names.hpp"
#include "analysis/report/advice.hpp"
#include "analysis/report/naming.hpp"

namespace interlock::report {

using findings::answer;
using findings::edge;
using findings::finding;
using findings::kind;
using findings::lock_mode;
using findings::verdict;

namespace {

constexpr std::size_t told_max = 4;  // sides told in one sentence

bool is_cycle(const finding& what) { return !what.edges.empty(); }

bool is_stuck(const finding& what) {
    return what.kind == kind::deadlock || what.kind == kind::self_deadlock || what.kind == kind::stalled;
}

std::string locks_word(const edge& side) { return side.held_mode == lock_mode::shared ? "locks (shared)" : "locks"; }

std::string sides_as_text(const finding& what, const auto& tell) {
    std::string out;
    for (std::size_t i = 0; i < what.edges.size() && i < told_max; ++i)
        out += (i == 0 ? "" : ", ") + tell(what.edges[i]);
    if (what.edges.size() > told_max) out += fmt::format(", and so on round {} threads", what.edges.size());
    return out;
}

std::string chain(const finding& what) {
    std::string out;
    for (std::size_t i = 0; i < what.edges.size() && i < 2 * told_max; ++i)
        out += lock_name(what, what.edges[i].held) + " => ";
    if (what.edges.size() > 2 * told_max) out += "... => ";
    return out + lock_name(what, what.edges.front().held);
}

std::string_view mood(verdict how_sure) {
    switch (how_sure) {
        case verdict::observed: return "It happened";
        case verdict::confirmed: return "It happens";
        case verdict::proven:
        case verdict::replayable:
        case verdict::potential:
        case verdict::unwitnessed: return "It can happen";
        case verdict::across_runs:
        case verdict::unverifiable: return "It may happen";
        case verdict::ordered: return "Not in this run, but if its parts overlapped";
        case verdict::single_thread: return "Not in this run, but if two threads did this at once";
        case verdict::guarded: return "It cannot happen while the guard is there; without it";
        case verdict::escapable: return "It can happen, and resolves itself";
    }
    return "";
}

std::string default_message(const finding& what) {
    if (what.kind == kind::self_deadlock && is_cycle(what))
        return fmt::format("{} asks for {}, which only it can release", thread_name(what, what.edges[0].thread),
                           lock_name(what, what.edges[0].wanted));
    if (is_cycle(what))
        return fmt::format("{}: {}",
                           is_stuck(what) ? "threads wait for each other" : "locks are acquired in conflicting orders",
                           chain(what));
    std::string out(title(what.kind));
    if (!what.locks.empty()) out += ": " + lock_name(what, what.locks.front().id);
    if (!what.threads.empty()) out += " by " + thread_name(what, what.threads.front().id);
    return out;
}

std::string default_why(const finding& what) {
    switch (what.verdict) {
        case verdict::observed: return "the log shows it";
        case verdict::confirmed: return "a steered run ended in it";
        case verdict::proven: return "a reordering of this log reaches it, and a replay checked that";
        case verdict::replayable: return "a reordering of this log reaches it; memory accesses were not recorded";
        case verdict::potential:
            return "its sides are distinct threads, no common lock guards them, and nothing orders them";
        case verdict::unwitnessed: return "nothing forbids it, and no reordering of this log was found that reaches it";
        case verdict::across_runs: return "its sides were never seen in one run";
        case verdict::ordered: return "some of its requests could not overlap in this run";
        case verdict::single_thread: return "one thread made sides that it cannot hold at once";
        case verdict::guarded: return "two of its sides hold one more lock when they make their requests";
        case verdict::escapable: return "one of its requests gives up by itself";
        case verdict::unverifiable: return "the log is damaged or incomplete where it matters";
    }
    return "";
}

void fill(findings::condition& one, answer holds, std::string because) {
    if (!one.because.empty()) return;
    one.holds = holds;
    one.because = std::move(because);
}

void fill_conditions(finding& what) {
    if (!what.coffman) what.coffman.emplace();
    findings::coffman_conditions& four = *what.coffman;
    const bool all_exclusive = std::all_of(what.edges.begin(), what.edges.end(), [](const edge& side) {
        return side.held_mode == lock_mode::exclusive && side.wanted_mode == lock_mode::exclusive;
    });
    const auto timed = std::find_if(what.edges.begin(), what.edges.end(), [](const edge& side) { return side.timed; });
    const bool one = what.edges.size() == 1;
    fill(four.mutual_exclusion, answer::yes,
         all_exclusive ? (one ? "it is held exclusively" : "all are held exclusively")
                       : "each request conflicts with the mode it meets");
    fill(four.hold_and_wait, answer::yes,
         one ? "the thread keeps the lock while it asks for it again"
             : "each keeps its first lock while it asks for the second");
    if (timed == what.edges.end())
        fill(four.no_preemption, answer::yes, one ? "the request has no timeout" : "no request has a timeout");
    else
        fill(four.no_preemption, answer::no,
             fmt::format("the request for {} has a timeout", lock_name(what, timed->wanted)));
    switch (what.verdict) {
        case verdict::ordered:
        case verdict::single_thread:
        case verdict::guarded: fill(four.circular_wait, answer::no, what.why); break;
        case verdict::across_runs:
        case verdict::unverifiable: fill(four.circular_wait, answer::unknown, what.why); break;
        case verdict::observed:
        case verdict::confirmed:
        case verdict::proven:
        case verdict::replayable:
        case verdict::potential:
        case verdict::unwitnessed:
        case verdict::escapable: fill(four.circular_wait, answer::yes, chain(what)); break;
    }
}

}  // namespace

std::string story(const finding& what) {
    if (!is_cycle(what)) return "";
    const auto thread_of = [&](const edge& side) { return thread_name(what, side.thread); };
    const auto wait = [&](const edge& side) {
        return fmt::format("{} {} {} and waits for {}", thread_of(side), side.signals ? "would signal" : "holds",
                           lock_name(what, side.held), lock_name(what, side.wanted));
    };
    if (what.kind == kind::self_deadlock && what.edges[0].refused)
        return fmt::format("{}: {} holds {} and asked for it again, which was refused (EDEADLK); it did not wait.",
                           mood(what.verdict), thread_of(what.edges[0]), lock_name(what, what.edges[0].held));
    if (what.kind == kind::self_deadlock || what.verdict == verdict::observed)
        return fmt::format("{}: {}.", mood(what.verdict), sides_as_text(what, wait));
    std::set<std::uint64_t> threads;
    for (const edge& side : what.edges) threads.insert(side.thread);
    const bool distinct = threads.size() == what.edges.size();
    std::size_t turn = 0;
    bool joins = false;  // a thread that is cancelled leaves its join, and one that is joined ends
    const auto acquire = [&](const edge& side) {
        const std::string who = distinct ? thread_of(side) : ++turn == 1 ? "one thread" : "another";
        const findings::lock* held = find_lock(what, side.held);
        joins = joins || (held != nullptr && held->type == findings::thread_end_type);
        if (held != nullptr && held->type == findings::thread_end_type) return who + " has not ended";
        return fmt::format("{} {} {}", who, locks_word(side), lock_name(what, side.held));
    };
    const std::string sides = sides_as_text(what, acquire);
    return fmt::format("{}: {}, then each waits for the {}{}.", mood(what.verdict), sides,
                       what.edges.size() == 2 ? "other" : "next",
                       joins || what.verdict == verdict::escapable ? "" : " for ever");
}

void explain(finding& what) {
    if (what.message.empty()) what.message = default_message(what);
    if (!is_cycle(what)) return;
    if (what.why.empty()) what.why = default_why(what);
    if (what.advice.empty()) what.advice = default_advice(what);
    fill_conditions(what);
}

}  // namespace interlock::report
