// The severity table.
#include "analysis/findings/severity.hpp"

#include <algorithm>

namespace interlock::findings {
namespace {

severity most_of(verdict how_sure) noexcept {
    switch (how_sure) {
        case verdict::observed:
        case verdict::confirmed:
        case verdict::proven:
        case verdict::replayable:
        case verdict::potential: return severity::error;
        case verdict::unwitnessed:
        case verdict::across_runs:
        case verdict::ordered:
        case verdict::single_thread:
        case verdict::unverifiable: return severity::warning;
        case verdict::guarded:
        case verdict::escapable: return severity::note;
    }
    return severity::error;
}

/// A check-then-act that was only seen to be possible is a hint; one with a witness is a defect.
severity most_of_atomicity(verdict how_sure) noexcept {
    return how_sure <= verdict::replayable ? severity::error : severity::note;
}

}  // namespace

severity severity_of(kind what, verdict how_sure) noexcept {
    const severity by_verdict = most_of(how_sure);
    switch (what) {
        case kind::handler_overrun:
        case kind::stalled:
        case kind::spinlock_held_blocking:
        case kind::wait_without_loop: return std::min(by_verdict, severity::warning);
        // The kernel may have given the holder's processor to others.
        case kind::spinlock_held_long: return severity::note;
        case kind::atomicity_violation: return std::min(by_verdict, most_of_atomicity(how_sure));
        case kind::lock_order_cycle:
        case kind::deadlock:
        case kind::self_deadlock:
        case kind::lock_rank_violation:
        case kind::unlock_not_held:
        case kind::unlock_not_owner:
        case kind::destroy_while_held:
        case kind::held_at_thread_exit:
        case kind::data_race:
        case kind::reinit_while_held:
        case kind::unlock_wrong_mode:
        case kind::broken_promise:
        case kind::pool_exhausted:
        case kind::suspend_while_holding:
        case kind::condition_two_mutexes: return by_verdict;
    }
    return by_verdict;
}

}  // namespace interlock::findings
