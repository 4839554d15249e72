// One message and one advice a kind of finding.
#include "analysis/primitive_wording.hpp"

#include "analysis/findings/mention.hpp"
#include "analysis/naming.hpp"

namespace interlock::analysis {

using detectors::draft;
using findings::kind;

std::string primitive_message(const draft& from) {
    const std::string who = findings::mention_thread(thread_id_of(from.agent));
    const std::string what = findings::mention_lock(lock_id_of(from.lock));
    const std::uint32_t number = from.reasons.empty() ? 0 : from.reasons.back().object;
    switch (from.kind) {
        case kind::broken_promise: return who + " gets " + what + ", whose promise was destroyed before it was set";
        case kind::pool_exhausted:
            return who + " waits for a task of " + what + " inside a task of it, as " +
                   (number == 1 ? "its only worker" : "the last of its " + std::to_string(number) + " workers") +
                   ": none is left to run what they wait for";
        case kind::handler_overrun:
            return "a handler kept " + what + " from all else for " + std::to_string(number) + " ms";
        case kind::suspend_while_holding: return who + " suspends while its thread holds " + what;
        default: return {};  // reason: told elsewhere
    }
}

std::string primitive_advice(const draft& from) {
    switch (from.kind) {
        case kind::broken_promise:
            return "set a value or an exception on every path, best from a function that returns or throws it.";
        case kind::pool_exhausted:
            return "let the task end and continue in another when the result is there, or run what it needs itself, or "
                   "on another pool.";
        case kind::handler_overrun: return "hand long or blocking work to a pool, and post the rest back to the loop.";
        case kind::suspend_while_holding:
            return "release it before the co_await, or use an interlock::async_mutex, whose owner is the task.";
        default: return {};  // reason: told elsewhere
    }
}

}  // namespace interlock::analysis
