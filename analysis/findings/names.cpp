// The report's vocabulary, both ways: enumerator to word, word to enumerator.
#include "analysis/findings/names.hpp"

namespace interlock::findings {

std::string_view name(kind what) noexcept {
    switch (what) {
        case kind::lock_order_cycle: return "lock-order-cycle";
        case kind::deadlock: return "deadlock";
        case kind::self_deadlock: return "self-deadlock";
        case kind::lock_rank_violation: return "lock-rank-violation";
        case kind::unlock_not_held: return "unlock-not-held";
        case kind::unlock_not_owner: return "unlock-not-owner";
        case kind::destroy_while_held: return "destroy-while-held";
        case kind::held_at_thread_exit: return "held-at-thread-exit";
        case kind::stalled: return "stalled";
        case kind::data_race: return "data-race";
        case kind::atomicity_violation: return "atomicity-violation";
        case kind::reinit_while_held: return "reinit-while-held";
        case kind::unlock_wrong_mode: return "unlock-wrong-mode";
        case kind::broken_promise: return "broken-promise";
        case kind::pool_exhausted: return "pool-exhausted";
        case kind::handler_overrun: return "handler-overrun";
        case kind::suspend_while_holding: return "suspend-while-holding";
        case kind::spinlock_held_long: return "spinlock-held-long";
        case kind::spinlock_held_blocking: return "spinlock-held-blocking";
        case kind::wait_without_loop: return "wait-without-loop";
        case kind::condition_two_mutexes: return "condition-two-mutexes";
    }
    return "";
}

std::string_view name(verdict how_sure) noexcept {
    switch (how_sure) {
        case verdict::observed: return "observed";
        case verdict::confirmed: return "confirmed";
        case verdict::proven: return "proven";
        case verdict::replayable: return "replayable";
        case verdict::potential: return "potential";
        case verdict::unwitnessed: return "unwitnessed";
        case verdict::across_runs: return "across-runs";
        case verdict::ordered: return "ordered";
        case verdict::single_thread: return "single-thread";
        case verdict::guarded: return "guarded";
        case verdict::escapable: return "escapable";
        case verdict::unverifiable: return "unverifiable";
    }
    return "";
}

std::string_view name(severity how_bad) noexcept {
    switch (how_bad) {
        case severity::note: return "note";
        case severity::warning: return "warning";
        case severity::error: return "error";
    }
    return "";
}

std::string_view name(lock_mode mode) noexcept {
    switch (mode) {
        case lock_mode::exclusive: return "exclusive";
        case lock_mode::shared: return "shared";
    }
    return "";
}

std::string_view name(answer holds) noexcept {
    switch (holds) {
        case answer::yes: return "yes";
        case answer::no: return "no";
        case answer::unknown: return "unknown";
    }
    return "";
}

std::string_view name(access_kind does) noexcept {
    switch (does) {
        case access_kind::read: return "read";
        case access_kind::write: return "write";
        case access_kind::atomic_read: return "atomic-read";
        case access_kind::atomic_write: return "atomic-write";
        case access_kind::free: return "free";
    }
    return "";
}

namespace {

template <typename Enum>
std::optional<Enum> named(std::string_view word, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i)
        if (name(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
    return std::nullopt;
}

}  // namespace

std::optional<kind> kind_named(std::string_view word) noexcept { return named<kind>(word, kinds); }
std::optional<verdict> verdict_named(std::string_view word) noexcept { return named<verdict>(word, verdicts); }
std::optional<severity> severity_named(std::string_view word) noexcept {
    return named<severity>(word, static_cast<std::size_t>(severity::error) + 1);
}

}  // namespace interlock::findings
