#include "analysis/stall_wording.hpp"

#include "analysis/findings/mention.hpp"
#include "analysis/naming.hpp"

namespace interlock::analysis {

using detectors::draft;
using detectors::fact;
using detectors::reason;

namespace {

std::string object_text(const draft& from) { return findings::mention_lock(lock_id_of(from.lock)); }

fact what_of(const draft& from) {
    for (const reason& r : from.reasons)
        if (is_of_stall(r.what)) return r.what;
    return fact::nobody_signals;
}

}  // namespace

bool is_of_stall(fact what) noexcept {
    switch (what) {
        case fact::wakers_stuck:
        case fact::nobody_signals:
        case fact::signals_unknown:
        case fact::signallers_ended:
        case fact::parties_missing:
        case fact::left_by_ended:
        case fact::left_by_process:
        case fact::left_by_fork: return true;
        default: return false;  // reason: the others are wording's
    }
}

std::string stall_reason(const draft& from, const reason& why) {
    const std::string object = object_text(from);
    switch (why.what) {
        case fact::wakers_stuck:
            return "every thread that ever signalled what they wait for is one of them, no other thread runs, and none "
                   "of these "
                   "waits gives up";
        case fact::nobody_signals:
            return "no other thread runs, and none that is left ever signalled " + object +
                   "; the wait has no time-out";
        case fact::signals_unknown:
            return "no other thread runs, and the wait has no time-out; who signals " + object +
                   " is not recorded at level order";
        case fact::signallers_ended:
            return "no other thread runs, and whoever signalled " + object + " has ended; the wait has no time-out";
        case fact::parties_missing: {
            if (why.second == 0) return "no other thread runs that could come to " + object;
            return std::to_string(why.first) + " of " + std::to_string(why.second) + " parties have come to " + object +
                   ", and no other thread runs that could come";
        }
        case fact::left_by_ended: return "the thread that held " + object + " has ended without releasing it";
        case fact::left_by_process:
            return "another process held " + object + ", and its thread that did is no more; it did not release it";
        case fact::left_by_fork:
            return object +
                   " was held by another thread of the parent process at the fork; in this process nobody is left to "
                   "release it";
        default: return {};  // reason: see is_of_stall()
    }
}

std::string stall_message(const draft& from) {
    const std::size_t more = from.agents.empty() ? 0 : from.agents.size() - 1;
    std::string who = findings::mention_thread(thread_id_of(from.agent));
    if (more == 1) who += " and another thread";
    if (more > 1) who += " and " + std::to_string(more) + " other threads";
    return who + (more == 0 ? " waits for " : " wait for ") + object_text(from) + ", and nobody is left to end that";
}

std::string stall_advice(const draft& from) {
    if (!from.sides.empty())
        return "let one of them signal before it waits, or wait with a time-out; release what others need first.";
    switch (what_of(from)) {
        case fact::parties_missing: return "count the parties that really come, and let one that leaves early say so.";
        case fact::left_by_ended: return "release it on every path out of the thread, best with std::lock_guard.";
        case fact::left_by_process:
            return "make it robust (pthread_mutexattr_setrobust), and handle EOWNERDEAD: then the next to lock it is "
                   "told.";
        case fact::left_by_fork:
            return "use only async-signal-safe functions between fork and exec, or make the lock anew in a handler of "
                   "pthread_atfork.";
        default:
            return "signal after the waiter's condition was made true, under its mutex, and wait only while it is "
                   "false: a signal that "
                   "comes before the wait is lost.";
    }
}

findings::coffman_conditions stall_conditions() {
    using findings::answer;
    findings::coffman_conditions four;
    four.mutual_exclusion = {answer::yes, "what each waits for, only another of them can give"};
    four.hold_and_wait = {answer::yes, "each keeps from the others what they wait for while it waits itself"};
    four.no_preemption = {answer::yes, "no wait has a time-out"};
    return four;
}

}  // namespace interlock::analysis
