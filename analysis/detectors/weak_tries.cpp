// One failed try is remembered for each agent until the agent waits for the same lock, or does what a waiter would not. Other locks may
// come and go meanwhile: CPython gives up its interpreter lock before it waits.
#include "analysis/detectors/weak_tries.hpp"

#include <algorithm>

namespace interlock::detectors {

using format::event_kind;
namespace lock_flags = format::lock_flags;

namespace {

/// More acquisitions than these between a failed try and a wait: something else was done meanwhile.
constexpr std::size_t acquired_since_max = 4;

/// The function that tries and then waits calls both itself, or another function that does either.
constexpr std::ptrdiff_t differing_frames_max = 2;

/// Whether the two stacks are one but for what that function and its helpers add.
bool is_called_from_same_place(const trace::call_stack& attempt, const trace::call_stack& wait) {
    const auto [a, b] =
        std::mismatch(attempt.frames.rbegin(), attempt.frames.rend(), wait.frames.rbegin(), wait.frames.rend());
    return attempt.epoch == wait.epoch && a != attempt.frames.rbegin() &&
           attempt.frames.rend() - a <= differing_frames_max && wait.frames.rend() - b <= differing_frames_max;
}

bool is_same_context(const trace::call_stack& a, const trace::call_stack& b) {
    const auto innermost = [](const trace::call_stack& s) {
        return s.frames.first(std::min(s.frames.size(), weak_tries::context_frames));
    };
    const auto of_a = innermost(a);
    return !of_a.empty() && a.epoch == b.epoch && std::ranges::equal(of_a, innermost(b));
}

}  // namespace

void weak_tries::see(const trace::event& e) {
    if (e.kind == event_kind::try_failed || e.kind == event_kind::semaphore_try_failed) return fail(e);
    if (pending_.empty()) return;
    const auto it = pending_.find(number(e.agent));
    if (it == pending_.end()) return;
    switch (e.kind) {
        case event_kind::request:
        case event_kind::acquire:
        case event_kind::semaphore_request:
        case event_kind::semaphore_acquire: return acquire(it->second, e);
        case event_kind::release:
        case event_kind::semaphore_post: {
            std::vector<std::uint32_t>& since = it->second.acquired_since;
            const auto own = std::find(since.begin(), since.end(), e.object);
            if (own == since.end()) return give_up(e.agent);
            since.erase(own);
            return;
        }
        case event_kind::agent_exit: return give_up(e.agent);
        default: return;  // reason: the other kinds neither request nor release
    }
}

void weak_tries::fail(const trace::event& e) {
    give_up(e.agent);
    const format::stack_id stack{e.sequence};
    if (stack != format::stack_id::none) pending_[number(e.agent)] = {e.object, stack, {}};
}

void weak_tries::acquire(failure& last, const trace::event& e) {
    if (e.object != last.object) {
        if (e.kind == event_kind::acquire || e.kind == event_kind::semaphore_acquire)
            last.acquired_since.push_back(e.object);
        if (last.acquired_since.size() > acquired_since_max) give_up(e.agent);
        return;
    }
    if ((e.flags & (lock_flags::attempt | lock_flags::timed)) != 0) return give_up(e.agent);
    if (e.kind == event_kind::request || e.kind == event_kind::semaphore_request) {
        if (e.sequence == 0) return;  // said for another reason; what is waited for comes next
        outcomes_[last.stack].waited_at.insert(format::stack_id{e.sequence});
    }
    pending_.erase(number(e.agent));  // acquired without a request: it was free again, and from where is not known
}

void weak_tries::give_up(format::agent_id agent) {
    const auto it = pending_.find(number(agent));
    if (it == pending_.end()) return;
    outcomes_[it->second.stack].gave_up = true;
    pending_.erase(it);
}

bool weak_tries::waits(format::stack_id attempt, const stack_of& find) const {
    if (outcomes_.empty() || attempt == format::stack_id::none) return false;
    const trace::call_stack here = find(attempt);
    for (const auto& [agent, last] : pending_)
        if (is_same_context(here, find(last.stack))) return false;  // it has not waited yet
    bool waited = false;
    for (const auto& [stack, what] : outcomes_) {
        const trace::call_stack there = find(stack);
        if (!is_same_context(here, there)) continue;
        if (what.gave_up) return false;
        for (const format::stack_id wait : what.waited_at) {
            if (!is_called_from_same_place(there, find(wait))) return false;
            waited = true;
        }
    }
    return waited;
}

}  // namespace interlock::detectors
