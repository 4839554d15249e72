#include "tests/support/trace_verbs.hpp"

#include <cerrno>
#include <cstdlib>

namespace interlock::testing {

using format::event_kind;
using format::object_type;

std::optional<object_type> type_named(std::string word) {
    for (char& c : word)
        if (c == '_') c = '-';
    if (word == "shared-mutex-writer-priority") return object_type::shared_mutex_writer_priority;
    for (int value = 1; value <= static_cast<int>(object_type::futex); ++value)
        if (format::name(static_cast<object_type>(value)) == word) return static_cast<object_type>(value);
    return std::nullopt;
}

std::uint32_t error_named(const std::string& word) {
    if (word == "EDEADLK") return EDEADLK;
    if (word == "EAGAIN") return EAGAIN;
    if (word == "EPERM") return EPERM;
    if (word == "ENOTRECOVERABLE") return ENOTRECOVERABLE;
    return static_cast<std::uint32_t>(std::strtoul(word.c_str(), nullptr, 0));
}

const std::map<std::string, plain_verb, std::less<>>& plain_verbs() {
    static const std::map<std::string, plain_verb, std::less<>> table{
        {"try_failed", {event_kind::try_failed, object_type::mutex}},
        {"owner_died", {event_kind::owner_died, object_type::mutex}},
        {"upgrade", {event_kind::upgrade_request, object_type::shared_mutex}},
        {"held_open", {event_kind::held_open, object_type::mutex}},
        {"notify", {event_kind::notify_one, object_type::condition}},
        {"notify_all", {event_kind::notify_all, object_type::condition}},
        {"sem_request", {event_kind::semaphore_request, object_type::semaphore}},
        {"sem_wait", {event_kind::semaphore_acquire, object_type::semaphore}},
        {"sem_post", {event_kind::semaphore_post, object_type::semaphore}},
        {"sem_try_failed", {event_kind::semaphore_try_failed, object_type::semaphore}},
        {"arrive", {event_kind::barrier_arrive, object_type::barrier}},
        {"pass", {event_kind::barrier_complete, object_type::barrier}},
        {"drop", {event_kind::barrier_drop, object_type::barrier}},
        {"count_down", {event_kind::latch_count_down, object_type::latch}},
        {"latch_wait", {event_kind::latch_wait, object_type::latch}},
        {"latch_pass", {event_kind::latch_pass, object_type::latch}},
        {"once_begin", {event_kind::once_begin, object_type::once}},
        {"once_done", {event_kind::once_done, object_type::once}},
        {"once_pass", {event_kind::once_pass, object_type::once}},
        {"once_wait", {event_kind::once_wait, object_type::once}},
        {"once_abort", {event_kind::once_abort, object_type::once}},
        {"set", {event_kind::event_set, object_type::event}},
        {"reset", {event_kind::event_reset, object_type::event}},
        {"event_wait", {event_kind::event_wait, object_type::event}},
        {"event_pass", {event_kind::event_pass, object_type::event}},
        {"future_set", {event_kind::future_set, object_type::future}},
        {"future_wait", {event_kind::future_wait, object_type::future}},
        {"future_get", {event_kind::future_get, object_type::future}},
        {"future_abandon", {event_kind::future_abandon, object_type::future}},
        {"put", {event_kind::queue_put, object_type::queue}},
        {"get", {event_kind::queue_get, object_type::queue}},
    };
    return table;
}

/// Verbs about another agent.
const std::map<std::string, event_kind, std::less<>>& agent_verbs() {
    static const std::map<std::string, event_kind, std::less<>> table{
        {"join", event_kind::agent_join},         {"join_request", event_kind::join_request},
        {"detach", event_kind::agent_detach},     {"join_timed_out", event_kind::join_timed_out},
        {"switch", event_kind::agent_switch},     {"submit", event_kind::task_submit},
        {"task_start", event_kind::task_start},   {"task_suspend", event_kind::task_suspend},
        {"task_resume", event_kind::task_resume}, {"task_finish", event_kind::task_finish},
        {"task_wait", event_kind::task_wait},     {"create", event_kind::agent_create},
    };
    return table;
}

/// Verbs with a number and no object.
const std::map<std::string, event_kind, std::less<>>& number_verbs() {
    static const std::map<std::string, event_kind, std::less<>> table{
        {"signal_enter", event_kind::signal_enter}, {"signal_exit", event_kind::signal_exit},
        {"open", event_kind::signal_open},          {"close", event_kind::signal_open},
        {"group_begin", event_kind::group_begin},   {"group_end", event_kind::group_end},
    };
    return table;
}

}  // namespace interlock::testing
