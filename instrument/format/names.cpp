// The words for kinds, types and reasons as people read them: in dumps, reports and error lines.
#include "instrument/format/event.hpp"

namespace interlock::format {

// NOLINTNEXTLINE(readability-function-size): one line a kind, and no decision
std::string_view name(event_kind kind) noexcept {
    switch (kind) {
        case event_kind::none: return "";
        case event_kind::continuation: return "continuation";
        case event_kind::time: return "time";
        case event_kind::loss: return "loss";
        case event_kind::held: return "held";
        case event_kind::site: return "site";
        case event_kind::stack: return "stack";
        case event_kind::string: return "string";
        case event_kind::module_load: return "module_load";
        case event_kind::module_unload: return "module_unload";
        case event_kind::held_set: return "held_set";
        case event_kind::level_change: return "level_change";
        case event_kind::blind_spot: return "blind_spot";
        case event_kind::agent_create: return "agent_create";
        case event_kind::agent_create_failed: return "agent_create_failed";
        case event_kind::agent_start: return "agent_start";
        case event_kind::agent_exit: return "agent_exit";
        case event_kind::join_request: return "join_request";
        case event_kind::agent_join: return "agent_join";
        case event_kind::agent_detach: return "agent_detach";
        case event_kind::agent_switch: return "agent_switch";
        case event_kind::agent_name: return "agent_name";
        case event_kind::join_timed_out: return "join_timed_out";
        case event_kind::join_dependency: return "join_dependency";
        case event_kind::lock_init: return "lock_init";
        case event_kind::lock_destroy: return "lock_destroy";
        case event_kind::request: return "request";
        case event_kind::acquire: return "acquire";
        case event_kind::release: return "release";
        case event_kind::try_failed: return "try_failed";
        case event_kind::timed_out: return "timed_out";
        case event_kind::refused: return "refused";
        case event_kind::release_by_non_holder: return "release_by_non_holder";
        case event_kind::dependency: return "dependency";
        case event_kind::dependency_again: return "dependency_again";
        case event_kind::destroy_while_held: return "destroy_while_held";
        case event_kind::reinit_while_held: return "reinit_while_held";
        case event_kind::owner_died: return "owner_died";
        case event_kind::held_at_exit: return "held_at_exit";
        case event_kind::upgrade_request: return "upgrade_request";
        case event_kind::acquire_bare: return "acquire_bare";
        case event_kind::acquire_stack: return "acquire_stack";
        case event_kind::condition_wait: return "condition_wait";
        case event_kind::condition_wake: return "condition_wake";
        case event_kind::condition_timed_out: return "condition_timed_out";
        case event_kind::notify_one: return "notify_one";
        case event_kind::notify_all: return "notify_all";
        case event_kind::semaphore_request: return "semaphore_request";
        case event_kind::semaphore_acquire: return "semaphore_acquire";
        case event_kind::semaphore_post: return "semaphore_post";
        case event_kind::semaphore_value: return "semaphore_value";
        case event_kind::semaphore_try_failed: return "semaphore_try_failed";
        case event_kind::semaphore_timed_out: return "semaphore_timed_out";
        case event_kind::barrier_register: return "barrier_register";
        case event_kind::barrier_arrive: return "barrier_arrive";
        case event_kind::barrier_complete: return "barrier_complete";
        case event_kind::barrier_drop: return "barrier_drop";
        case event_kind::latch_count_down: return "latch_count_down";
        case event_kind::latch_wait: return "latch_wait";
        case event_kind::latch_pass: return "latch_pass";
        case event_kind::once_begin: return "once_begin";
        case event_kind::once_done: return "once_done";
        case event_kind::once_pass: return "once_pass";
        case event_kind::once_wait: return "once_wait";
        case event_kind::once_abort: return "once_abort";
        case event_kind::event_set: return "event_set";
        case event_kind::event_reset: return "event_reset";
        case event_kind::event_wait: return "event_wait";
        case event_kind::event_pass: return "event_pass";
        case event_kind::future_wait: return "future_wait";
        case event_kind::future_get: return "future_get";
        case event_kind::future_set: return "future_set";
        case event_kind::future_abandon: return "future_abandon";
        case event_kind::broken_promise: return "broken_promise";
        case event_kind::task_submit: return "task_submit";
        case event_kind::task_start: return "task_start";
        case event_kind::task_suspend: return "task_suspend";
        case event_kind::task_resume: return "task_resume";
        case event_kind::task_finish: return "task_finish";
        case event_kind::task_wait: return "task_wait";
        case event_kind::pool_size: return "pool_size";
        case event_kind::pool_exhausted: return "pool_exhausted";
        case event_kind::queue_put: return "queue_put";
        case event_kind::queue_get: return "queue_get";
        case event_kind::queue_wait: return "queue_wait";
        case event_kind::queue_task_done: return "queue_task_done";
        case event_kind::queue_join: return "queue_join";
        case event_kind::queue_shutdown: return "queue_shutdown";
        case event_kind::handler_overran: return "handler_overran";
        case event_kind::suspend_holding: return "suspend_holding";
        case event_kind::atomic_load: return "atomic_load";
        case event_kind::atomic_store: return "atomic_store";
        case event_kind::atomic_update: return "atomic_update";
        case event_kind::fence: return "fence";
        case event_kind::read: return "read";
        case event_kind::write: return "write";
        case event_kind::region_begin: return "region_begin";
        case event_kind::region_end: return "region_end";
        case event_kind::allocation: return "allocation";
        case event_kind::deallocation: return "deallocation";
        case event_kind::lock_name: return "lock_name";
        case event_kind::lock_class: return "lock_class";
        case event_kind::lock_rank: return "lock_rank";
        case event_kind::group_begin: return "group_begin";
        case event_kind::group_end: return "group_end";
        case event_kind::signal_enter: return "signal_enter";
        case event_kind::signal_exit: return "signal_exit";
        case event_kind::signal_open: return "signal_open";
        case event_kind::held_open: return "held_open";
        case event_kind::fork_parent: return "fork_parent";
        case event_kind::fork_child: return "fork_child";
        case event_kind::exec: return "exec";
        case event_kind::exec_failed: return "exec_failed";
        case event_kind::process_exit: return "process_exit";
        case event_kind::spawn: return "spawn";
        case event_kind::left_locked: return "left_locked";
        case event_kind::test_begin: return "test_begin";
        case event_kind::test_end: return "test_end";
        case event_kind::alarm_order: return "alarm_order";
        case event_kind::alarm_race: return "alarm_race";
        case event_kind::alarm_atomicity: return "alarm_atomicity";
        case event_kind::futex_wait: return "futex_wait";
        case event_kind::futex_wake: return "futex_wake";
        case event_kind::overrun: return "overrun";
        case event_kind::spurious_wake: return "spurious_wake";
    }
    return {};
}

bool is_lead(event_kind kind) noexcept {
    return kind != event_kind::none && kind != event_kind::continuation && !name(kind).empty();
}

std::string_view name(object_type type) noexcept {
    switch (type) {
        case object_type::unknown: return "unknown";
        case object_type::mutex: return "mutex";
        case object_type::recursive_mutex: return "recursive-mutex";
        case object_type::error_checking_mutex: return "error-checking-mutex";
        case object_type::adaptive_mutex: return "adaptive-mutex";
        case object_type::shared_mutex: return "shared-mutex";
        case object_type::shared_mutex_writer_priority: return "shared-mutex";
        case object_type::spinlock: return "spinlock";
        case object_type::semaphore: return "semaphore";
        case object_type::condition: return "condition";
        case object_type::barrier: return "barrier";
        case object_type::latch: return "latch";
        case object_type::once: return "once";
        case object_type::static_guard: return "static-guard";
        case object_type::event: return "event";
        case object_type::future: return "future";
        case object_type::queue: return "queue";
        case object_type::pool: return "pool";
        case object_type::event_loop: return "event-loop";
        case object_type::variable: return "variable";
        case object_type::user_lock: return "user-lock";
        case object_type::agent: return "agent";
        case object_type::timed_mutex: return "timed-mutex";
        case object_type::ticket_lock: return "ticket-lock";
        case object_type::shared_mutex_fair: return "shared-mutex";
        case object_type::futex: return "futex";
        case object_type::omp_lock: return "omp-lock";
        case object_type::omp_nest_lock: return "omp-nest-lock";
        case object_type::omp_critical: return "omp-critical";
    }
    return {};
}

std::string_view name(blind_spot spot) noexcept {
    switch (spot) {
        case blind_spot::none: return "none";
        case blind_spot::raw_futex: return "raw-futex";
        case blind_spot::deep_bind: return "deep-bind";
        case blind_spot::other_namespace: return "other-namespace";
        case blind_spot::other_sanitizer: return "other-sanitizer";
        case blind_spot::stash_self_test: return "stash-self-test";
        case blind_spot::process_shared: return "process-shared";
        case blind_spot::static_executable: return "static-executable";
        case blind_spot::secure_execution: return "secure-execution";
        case blind_spot::fiber_without_switch: return "fiber-without-switch";
        case blind_spot::no_unwinder: return "no-unwinder";
        case blind_spot::vfork_child: return "vfork-child";
        case blind_spot::unseen_future: return "unseen-future";
        case blind_spot::openmp: return "openmp";
        case blind_spot::cancellation: return "cancellation";
        case blind_spot::unseen_acquisition: return "unseen-acquisition";
        case blind_spot::unrecorded_program: return "unrecorded-program";
    }
    return {};
}

std::string_view name(log_level level) noexcept {
    switch (level) {
        case log_level::none: return "none";
        case log_level::order: return "order";
        case log_level::full: return "full";
    }
    return {};
}

}  // namespace interlock::format
