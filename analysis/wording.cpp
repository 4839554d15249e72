// One function a thing to say; the facts decide which.
#include "analysis/wording.hpp"

#include <algorithm>
#include <set>

#include "analysis/findings/mention.hpp"
#include "analysis/naming.hpp"
#include "analysis/primitive_wording.hpp"
#include "analysis/stall_wording.hpp"

namespace interlock::analysis {

using detectors::draft;
using detectors::fact;
using detectors::reason;
using detectors::side;
using findings::answer;
using findings::finding;
using findings::kind;
using findings::mention_lock;
using findings::mention_thread;
using format::event_kind;

namespace {

std::string lock_text(graph::resource what) { return mention_lock(lock_id_of(what)); }
std::string thread_text(format::agent_id agent) { return mention_thread(thread_id_of(agent)); }

std::string request_of(const side& s) {
    return s.wanted.termination ? thread_text(s.agent) + "'s join of " + thread_text(format::agent_id{s.wanted.id})
                                : thread_text(s.agent) + "'s request for " + lock_text(s.wanted);
}

/// How the earlier side came to lie before the later one.
std::string order_text(const draft& d, const reason& r) {
    const side& earlier = d.sides[r.first];
    const side& later = d.sides[r.second];
    const std::string both = request_of(earlier) + " was over before " + request_of(later) + " could begin: ";
    const std::string who = thread_text(later.agent);
    switch (r.step) {
        case event_kind::agent_start: return both + who + " was started after it";
        case event_kind::agent_join:
            return both + who + " had joined " + thread_text(format::agent_id{r.object}) + " by then";
        case event_kind::barrier_complete: return both + "a barrier's phase lies between";
        case event_kind::latch_pass: return both + "a latch, or the start or end of a parallel region, lies between";
        case event_kind::once_pass: return both + "a call_once lies between";
        case event_kind::event_pass: return both + "an event that was set lies between";
        case event_kind::future_get: return both + "a future's value lies between";
        case event_kind::task_start: return both + "the task was submitted after it";
        case event_kind::task_wait: return both + "the task had been waited for by then";
        default:
            return both + "an order of start, join or the like lies between";  // reason: no other kind makes evidence
    }
}

/// What is to be said of how one of the waits ends.
std::string wait_text(const draft& d, const reason& r) {
    switch (r.what) {
        case fact::gives_up:
            return d.sides.empty() ? "the request has a time-out"
                                   : request_of(d.sides[r.first]) + " gives up by itself: it has a time-out";
        case fact::cancellable:
            return "the program can cancel threads (pthread_cancel), and a join ends if one of its two threads is "
                   "cancelled";
        case fact::writer_gives_up:
            return "whoever asks for " + lock_text(r.lock) +
                   " exclusively in between gives up by itself: it has a time-out";
        case fact::writer_needed:
            return request_of(d.sides[r.first]) + " is shared and meets a shared hold: " +
                   (r.agent != format::agent_id::none ? "it waits behind " + thread_text(r.agent) + ", which wants " +
                                                            lock_text(r.lock) + " exclusively"
                                                      : "it waits once a writer is queued between");
        case fact::acquires_again:
            return thread_text(r.agent) + " waits for " + lock_text(graph::lock_of(format::object_id{r.object})) +
                   ", and however that wait ends, it goes on only once it has " + lock_text(r.lock) + " again";
        default: return {};  // reason: see reason_text()
    }
}

bool is_shared_upgrade(const side& s) { return graph::is_shared(s.held_flags) && !graph::is_shared(s.wanted_flags); }

std::string reason_text(const draft& d, const reason& r) {
    switch (r.what) {
        case fact::nothing_prevents:
            return "distinct threads, no common lock guards them, nothing orders them; not searched for a witness";
        case fact::happened:
            return d.kind == kind::self_deadlock ? "the log shows the request, and nothing after it"
                   : d.kind == kind::deadlock
                       ? "the log ends with each of them waiting for the next, and none of these requests gives up"
                       : "the log shows it";
        case fact::standing:
            return d.kind == kind::self_deadlock
                       ? "the lock that it waits for names this very thread as its owner"
                       : "at one and the same moment each of them waits for the next, and no request gives up";
        case fact::refused:
            return is_shared_upgrade(d.sides.front())
                       ? "the lock refused the request (EDEADLK): another thread that has it shared asks for it "
                         "exclusively too, and each would wait for the other"
                       : "the lock refused the request (EDEADLK)";
        case fact::ordered: return order_text(d, r);
        case fact::one_agent: return thread_text(r.agent) + " alone made every one of these requests";
        case fact::agent_twice:
            return thread_text(r.agent) + " made two of these requests and cannot make both at once";
        case fact::guarded:
            return "both " + thread_text(d.sides[r.first].agent) + " and " + thread_text(d.sides[r.second].agent) +
                   " hold " + lock_text(r.lock) + " when they make their requests, so only one of them can";
        case fact::gives_up:
        case fact::cancellable:
        case fact::writer_gives_up:
        case fact::writer_needed:
        case fact::acquires_again: return wait_text(d, r);
        case fact::try_blocks:
            return request_of(d.sides[r.first]) + " is a try, but the same code waits for the lock where the try fails";
        case fact::group:
            return request_of(d.sides[r.first]) +
                   " is part of a group acquisition, which waits for one lock of the group";
        case fact::events_lost: return "the log has gaps, and what is missing could prevent it";
        case fact::order_unseen:
            return "the program orders threads by what is not seen (see the notes on this log), which could prevent it";
        case fact::ill_formed: return "the log contradicts itself where it matters";
        case fact::not_all_examined: return "there were more combinations than could be examined";
        case fact::against_ranks:
            return "its rank is " + std::to_string(r.first) + ", and that of " + lock_text(d.other) + " is " +
                   std::to_string(r.second) + ": ranks are to be acquired in ascending order" +
                   (r.first == r.second ? ", and locks of one rank in ascending subclass" : "");
        case fact::held_for: return "it was held for " + std::to_string(r.object / 1000) + " ms";
        case fact::woken_spuriously:
            return "the wait returned without a notification, as any wait may, and what it waited for was not looked "
                   "at again";
        case fact::unordered:
            return r.object == 0
                       ? "nothing that these two threads did orders one after the other"
                       : "nothing orders the later after the earlier: what it last learnt of that thread, by " +
                             lock_text(graph::lock_of(format::object_id{r.object})) + ", was from before";
        case fact::came_between:
            return "the other's write came between the check and the act in this run, and the act undid it unseen";
        case fact::may_come_between:
            return "in this run no write came between, but the lock is let go of, and others write under it";
        case fact::tests_apart:
            return "its sides were seen only in tests that ran one after the other: no run had them all at once";
        case fact::in_handler:
            return "a signal handler requests " + lock_text(r.lock) +
                   (r.object == 0 ? "" : " (signal " + std::to_string(r.object) + ')') +
                   " and can interrupt a thread that holds it: the signal is open there";
        case fact::notified_unheard:
            return lock_text(r.lock) + " was notified while nobody waited for it: such a notification is lost";
        case fact::never_set: return "nobody has set " + lock_text(r.lock) + ", nor destroyed its promise";
        case fact::wakers_stuck:
        case fact::nobody_signals:
        case fact::signals_unknown:
        case fact::signallers_ended:
        case fact::parties_missing:
        case fact::left_by_ended:
        case fact::left_by_process:
        case fact::held_across:
        case fact::left_by_fork: return stall_reason(d, r);
    }
    return {};
}

void word_conditions(const draft& from, finding& into) {
    findings::coffman_conditions four;
    const bool signals = std::any_of(from.sides.begin(), from.sides.end(), [](const side& s) { return s.signals; });
    if (signals) four = stall_conditions();
    const auto has = [&](fact what) {
        return std::find_if(from.reasons.begin(), from.reasons.end(), [&](const reason& r) { return r.what == what; });
    };
    const auto end = from.reasons.end();
    for (const fact what : {fact::guarded, fact::one_agent, fact::agent_twice, fact::ordered}) {
        const auto it = has(what);
        if (it == end) continue;
        four.circular_wait = {answer::no, reason_text(from, *it)};
        break;
    }
    if (const auto it = has(fact::tests_apart); it != end && four.circular_wait.because.empty())
        four.circular_wait = {answer::unknown, reason_text(from, *it)};
    if (const auto it = has(fact::cancellable); it != end)
        four.no_preemption = {answer::yes, "no request has a timeout; but " + reason_text(from, *it)};
    for (const fact what : {fact::gives_up, fact::writer_gives_up}) {
        if (const auto it = has(what); it != end) four.no_preemption = {answer::no, reason_text(from, *it)};
    }
    if (const auto it = has(fact::writer_needed); it != end)
        four.mutual_exclusion = {answer::yes, "a shared request waits behind a writer that is queued for the lock"};
    for (const fact what : {fact::try_blocks, fact::group}) {
        if (const auto it = has(what); it != end) four.hold_and_wait = {answer::yes, reason_text(from, *it)};
    }
    const bool joins =
        std::any_of(from.sides.begin(), from.sides.end(), [](const side& s) { return s.wanted.termination; });
    if (joins && four.mutual_exclusion.because.empty()) {
        four.mutual_exclusion = {answer::yes,
                                 "a thread's end comes only from that thread, and each lock is held against the other"};
    }
    if (into.kind == kind::self_deadlock && has(fact::in_handler) != end) {
        four.circular_wait = {answer::yes, "the handler waits for the thread that it interrupted"};
    }
    if (into.kind == kind::self_deadlock && has(fact::writer_needed) != end) {
        four.circular_wait = {answer::yes, "the request waits for the writer, and the writer for the first hold"};
    }
    into.coffman = std::move(four);
}

/// What is cheapest here; empty: the report's default for cycles fits.
std::string advice_for(const draft& from, const finding& into) {
    if (std::any_of(from.reasons.begin(), from.reasons.end(), [](const reason& r) { return is_of_stall(r.what); }))
        return stall_advice(from, into);
    const auto any = [&](fact what) {
        return std::any_of(from.reasons.begin(), from.reasons.end(), [&](const reason& r) { return r.what == what; });
    };
    const auto joins = [](const side& s) { return s.wanted.termination; };
    if (!from.sides.empty() && std::all_of(from.sides.begin(), from.sides.end(), joins))
        return "let the thread that started them join them, and none of them another.";
    for (const side& s : from.sides) {
        if (s.wanted.termination) {
            return "release " + lock_text(s.held) + " before joining " + thread_text(format::agent_id{s.wanted.id}) +
                   '.';
        }
    }
    if (any(fact::in_handler)) {
        return "do not lock in a signal handler: set a flag or write to a pipe there; or block the signal while " +
               lock_text(from.lock) + " is held.";
    }
    if (from.kind == kind::self_deadlock && any(fact::writer_needed)) {
        return "do not ask for " + lock_text(from.lock) +
               " again while holding it: pass on that it is held, or release it first.";
    }
    if (from.kind == kind::self_deadlock && is_shared_upgrade(from.sides.front())) {
        return "release the shared hold before asking for the exclusive one, and check again what was read; or ask for "
               "it exclusively from the start.";
    }
    if (any(fact::guarded)) {
        return "nothing need change while every path holds the guard; one order everywhere would make it independent "
               "of that.";
    }
    if (any(fact::ordered) && !into.edges.empty()) {
        return "nothing can happen in this order of threads; keep one order everywhere so that it need not hold for "
               "ever.";
    }
    switch (from.kind) {
        case kind::unlock_not_held:
            return "unlock only what this thread has locked: look for a second unlock, or a path without a lock.";
        case kind::unlock_not_owner:
            return "let the thread that locked it unlock it; to signal another thread, use a semaphore or a condition "
                   "variable.";
        case kind::destroy_while_held: return "end every use before destroying it: join the threads that use it first.";
        case kind::reinit_while_held: return "initialise it once, before any thread can use it.";
        case kind::lock_rank_violation:
            return "acquire " + lock_text(from.lock) + " first, or all of them with interlock::scoped_in_rank_order.";
        case kind::spinlock_held_long: return "do less while holding it, or make it a mutex.";
        case kind::spinlock_held_blocking: return "release it before blocking, or make it a mutex.";
        case kind::wait_without_loop:
            return "wait in a loop that looks at the condition again, or hand the predicate to wait().";
        case kind::condition_two_mutexes:
            return "use one mutex with a condition variable, the one that guards its state.";
        case kind::held_at_thread_exit: return "release it on every path out of the thread, best with std::lock_guard.";
        case kind::unlock_wrong_mode:
            return "release a shared hold with unlock_shared() and an exclusive one with unlock(); best with "
                   "std::shared_lock and std::unique_lock.";
        default: return primitive_advice(from);  // reason: the report words the others
    }
}

std::string message_for(const draft& from) {
    const std::string who = thread_text(from.agent);
    const std::string lock = lock_text(from.lock);
    const std::string holder = from.holder == format::agent_id::none ? "" : thread_text(from.holder);
    switch (from.kind) {
        case kind::unlock_not_held: return who + " unlocks " + lock + ", which nobody holds";
        case kind::unlock_not_owner: return who + " unlocks " + lock + ", which " + holder + " holds";
        case kind::destroy_while_held:
            return who + " destroys " + lock +
                   (from.holder == from.agent ? " while holding it" : " while " + holder + " holds it");
        case kind::reinit_while_held:
            return who + " initialises " + lock + " again" +
                   (from.holder == from.agent ? " while holding it" : " while " + holder + " holds it");
        case kind::lock_rank_violation:
            return who + " asks for " + lock + " while holding " + lock_text(from.other) + ", against their ranks";
        case kind::spinlock_held_long: return who + " holds " + lock + " for longer than one should spin for";
        case kind::spinlock_held_blocking: return who + " blocks while holding " + lock + ", for which others spin";
        case kind::wait_without_loop: return who + " goes on after a spurious wake-up from " + lock;
        case kind::condition_two_mutexes:
            return who + " waits on " + lock + " with " + lock_text(from.other) +
                   " while another thread waits on it with another mutex";
        case kind::held_at_thread_exit: return who + " ends while holding " + lock;
        case kind::stalled: return stall_message(from);
        case kind::unlock_wrong_mode: return who + " unlocks " + lock + " in the other mode than it holds it in";
        default: return primitive_message(from);  // reason: the report words the others
    }
}

}  // namespace

void word(const draft& from, finding& into) {
    into.message = message_for(from);
    for (const reason& r : from.reasons) {
        // The first fixed the verdict; of the others those that a reader could miss.
        if (r.what == fact::nothing_prevents && &r != &from.reasons.front()) continue;
        if (!into.why.empty()) into.why += "; ";
        into.why += reason_text(from, r);
    }
    if (!from.sides.empty()) word_conditions(from, into);
    into.advice = advice_for(from, into);
}

std::string sentence_of(const trace::loss& lost) {
    std::string text;
    switch (lost.kind) {
        case trace::loss_kind::truncated:
            return "the file was cut at offset " + std::to_string(lost.offset) + ": " + std::to_string(lost.count) +
                   " bytes that were written after it are missing";
        case trace::loss_kind::chunk_missing:
            text = lost.count > 1 ? std::to_string(lost.count) + " blocks of records are missing"
                                  : "a block of records is missing";
            break;
        default:  // reason: what can happen in several places is told alike
            text = trace::describe(lost.kind);
            if (lost.count > 1) text += " (" + std::to_string(lost.count) + " times)";
    }
    if (lost.agent != format::agent_id::none) text += ", of thread " + std::to_string(number(lost.agent));
    if (lost.offset != 0) text += ", at offset " + std::to_string(lost.offset);
    switch (lost.reason) {
        case format::loss_reason::none: break;
        case format::loss_reason::disk_full: text += ": the disk was full"; break;
        case format::loss_reason::log_full: text += ": the log reached its greatest size"; break;
        case format::loss_reason::nested_signal: text += ": a signal interrupted the recorder"; break;
        case format::loss_reason::table_full: text += ": a table of the recorder was full"; break;
        case format::loss_reason::out_of_memory: text += ": the recorder had no memory"; break;
        case format::loss_reason::mapping_lost: text += ": somebody truncated the log"; break;
        case format::loss_reason::unknown_caller: text += ": a thread could not be registered"; break;
        case format::loss_reason::restricted:
            text += ": the program, or a thread of it, gave up system calls (seccomp) that recording needs";
            break;
    }
    return text;
}

std::string sentence_of(format::blind_spot spot, std::string_view detail) {
    std::string text;
    switch (spot) {
        case format::blind_spot::none: break;
        case format::blind_spot::raw_futex:
            text =
                "locks, semaphores and signals built on a bare futex (std::counting_semaphore, std::latch, "
                "std::barrier, "
                "atomic waits ...) are not understood";
            break;
        case format::blind_spot::deep_bind:
            text =
                "a library opened with RTLD_DEEPBIND finds libc's locks before the recorder's: what it calls is not "
                "seen";
            break;
        case format::blind_spot::other_namespace:
            text = "a library in a namespace of its own (dlmopen) is not seen";
            break;
        case format::blind_spot::other_sanitizer: text = "another tool's interceptors run in this process"; break;
        case format::blind_spot::stash_self_test:
            text = "locks are told apart by address alone: their spare bytes are in use";
            break;
        case format::blind_spot::process_shared:
            text = "the other side of a process-shared object is not in this log";
            break;
        case format::blind_spot::static_executable: text = "nothing of a static executable can be seen"; break;
        case format::blind_spot::secure_execution:
            text = "a program with set-user-id or capabilities is not recorded";
            break;
        case format::blind_spot::fiber_without_switch: text = "fibers were switched without being told"; break;
        case format::blind_spot::no_unwinder: text = "stacks are single frames: libunwind could not be loaded"; break;
        case format::blind_spot::vfork_child: text = "what a vfork child did is not recorded"; break;
        case format::blind_spot::unseen_future:
            text =
                "std::future is used: that a value is set before another thread gets it is seen only where that thread "
                "waits";
            break;
        case format::blind_spot::cancellation: break;  // told of the findings that it concerns
        case format::blind_spot::openmp: text = "what this part of OpenMP locks, or puts in order, is not seen"; break;
        case format::blind_spot::unseen_acquisition:
            text =
                "a lock was acquired by a call that is not seen (a function that dlsym found in a library's handle, or "
                "one before recording began): what is done so is in no order";
            break;
        case format::blind_spot::unrecorded_program:
            text =
                "a program was executed with an environment that has lost LD_PRELOAD or INTERLOCK_OPTIONS, and is not "
                "recorded as part of this run";
            break;
    }
    if (!detail.empty()) text += ": " + std::string(detail);
    return text;
}

std::string sentence_of(detectors::unanswered what, const findings::stack& where, std::size_t count) {
    std::string who = count == 1 ? "a thread" : std::to_string(count) + " threads";
    if (!where.empty() && !where.front().file.empty()) {
        const std::string& file = where.front().file;
        who += (count == 1 ? " at " : ", one of them at ") + file.substr(file.rfind('/') + 1) + ':' +
               std::to_string(where.front().line);
    }
    switch (what) {
        case detectors::unanswered::holder:
            return "who had the lock that " + who +
                   " waited for at the log's end: nobody in this process, so perhaps another (interlock run and "
                   "interlock watch ask the kernel)";
        case detectors::unanswered::signals:
            return "whether " + who +
                   " waited in vain at the log's end: every thread waited, and level order has no signals (interlock "
                   "run and interlock watch look at the threads)";
    }
    return {};
}

}  // namespace interlock::analysis
