#include "analysis/stall_wording.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "analysis/findings/mention.hpp"
#include "analysis/naming.hpp"
#include "instrument/format/object_type.hpp"

namespace interlock::analysis {

using detectors::draft;
using detectors::fact;
using detectors::reason;

namespace {

constexpr std::size_t told_max = 4;  // threads that a sentence names

/// What a reason of several objects speaks of: all of them, unless another reason is of some.
std::string object_text(const draft& from, const reason& why) {
    const auto is_other = [&](const detectors::bystander& one) { return one.wanted != from.lock; };
    const bool several = std::any_of(from.waits.begin(), from.waits.end(), is_other);
    const auto is_why = [](const reason& r) { return is_of_stall(r.what); };
    if (several && std::count_if(from.reasons.begin(), from.reasons.end(), is_why) == 1) return "what they wait for";
    return findings::mention_lock(lock_id_of(why.lock));
}

std::string and_more(std::size_t count) {
    return " and " + (count == 1 ? std::string("another thread") : std::to_string(count) + " other threads");
}

/// `red, green and 3 other threads`
std::string who_waits(const std::vector<detectors::bystander>& all) {
    const std::size_t told = all.size() > told_max ? told_max - 1 : all.size();
    std::string text;
    for (std::size_t i = 0; i < told; ++i)
        text += (i == 0                ? ""
                 : i + 1 == all.size() ? " and "
                                       : ", ") +
                findings::mention_thread(thread_id_of(all[i].agent));
    return told < all.size() ? text + and_more(all.size() - told) : text;
}

fact what_of(const draft& from) {
    for (const reason& r : from.reasons)
        if (is_of_stall(r.what)) return r.what;
    return fact::nobody_signals;
}

/// What is waited for first. Empty: not known.
std::string type_of_wait(const draft& from, const findings::finding& into) {
    const graph::resource what = from.waits.empty() ? from.lock : from.waits.front().wanted;
    const auto found = std::find_if(into.locks.begin(), into.locks.end(),
                                    [&](const findings::lock& one) { return one.id == lock_id_of(what); });
    return found == into.locks.end() ? std::string() : found->type;
}

/// How to see to it that the signal comes.
std::string_view signal_advice(std::string_view type) {
    using format::name;
    using format::object_type;
    static const std::map<std::string_view, std::string_view> by_type = {
        {name(object_type::condition),
         "signal after the waiter's condition was made true, under its mutex, and wait only while it is false: a "
         "signal that comes before the wait is lost."},
        {name(object_type::semaphore),
         "post it on every path of whoever has taken or owes a permit, errors too, best by a guard's destructor; or "
         "wait with a time-out."},
        {name(object_type::latch),
         "count down once for each that was counted, on every path, errors too; or count only those that really come."},
        {name(object_type::event),
         "set it on every path of whoever owes it, errors too; a reset that comes after the set, and before the wait, "
         "takes it away."},
        {name(object_type::future),
         "give the promise a value or an exception on every path; if it is destroyed without, the waiter is told of a "
         "broken promise."},
        {name(object_type::queue),
         "shut the queue down once the last producer, or consumer, has ended, errors too: then nobody waits for more."},
        {name(object_type::once), "do not wait in an initialiser for a thread that comes to it, too."},
        {name(object_type::static_guard), "do not wait in an initialiser for a thread that comes to it, too."},
    };
    const auto found = by_type.find(type);
    return found != by_type.end() ? found->second
                                  : "let whoever is to end the wait do so on every path, errors too; or wait with a "
                                    "time-out.";
}

/// Whether one who waits holds what one of those behind him wants.
bool holds_what_others_want(const draft& from) {
    return std::any_of(from.holds.begin(), from.holds.end(), [&](const detectors::wanted_hold& one) {
        return !one.held.termination &&
               std::any_of(from.behind.begin(), from.behind.end(),
                           [&](const detectors::bystander& other) { return other.wanted == one.held; });
    });
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
        case fact::held_across:
        case fact::left_by_fork: return true;
        default: return false;  // reason: the others are wording's
    }
}

std::string stall_reason(const draft& from, const reason& why) {
    const std::string object = object_text(from, why);
    switch (why.what) {
        case fact::wakers_stuck:
            return "every thread that ever signalled what they wait for is one of them, no other thread runs, and none "
                   "of these waits gives up";
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
        case fact::left_by_ended:
            if (why.agent == format::agent_id::none)
                return "the thread that held " + object +
                       " is no thread of this process: it ended without releasing it, or is the parent's that held it "
                       "at the fork";
            return "the thread that held " + object + " has ended without releasing it";
        case fact::held_across:
            return "a thread of another process holds " + object +
                   ", and waits, by way of others perhaps, for a lock that is held here";
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
    std::map<graph::resource, std::vector<detectors::bystander>> by_object;
    for (const detectors::bystander& one : from.waits) by_object[one.wanted].push_back(one);
    std::string text;
    std::size_t told = 0;
    for (const auto& [object, waits] : by_object) {
        if (told >= told_max) break;
        text += (told == 0 ? "" : ", ") + who_waits(waits);
        if (told == 0) text += waits.size() == 1 ? " waits" : " wait";
        text += " for " + findings::mention_lock(lock_id_of(object));
        told += waits.size();
    }
    if (told < from.waits.size() && by_object.size() > 1) text += and_more(from.waits.size() - told) + " for others";
    return text + ", and nobody is left to end that";
}

std::string stall_advice(const draft& from, const findings::finding& into) {
    if (!from.sides.empty())
        return "let one of them signal before it waits, or wait with a time-out; release what others need first.";
    switch (what_of(from)) {
        case fact::parties_missing:
            if (holds_what_others_want(from))
                return "release before waiting for " + findings::mention_lock(lock_id_of(from.lock)) +
                       " what others want: one of them may be the party that is missing.";
            return "count the parties that really come, and let one that leaves early say so.";
        case fact::left_by_ended: return "release it on every path out of the thread, best with std::lock_guard.";
        case fact::held_across: return "acquire the locks that processes share in one order in all of them.";
        case fact::left_by_process:
            return "make it robust (pthread_mutexattr_setrobust), and handle EOWNERDEAD: then the next to lock it is "
                   "told.";
        case fact::left_by_fork:
            return "use only async-signal-safe functions between fork and exec, or make the lock anew in a handler of "
                   "pthread_atfork.";
        default: return std::string(signal_advice(type_of_wait(from, into)));
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
