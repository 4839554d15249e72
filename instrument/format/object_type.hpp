// What kinds of objects a log knows, and what each kind implies for whoever holds, wants or counts it. Pure.
// What is listed by kind more than once belongs here.
#pragma once

#include <cstdint>
#include <string_view>

namespace interlock::format {

/// What kind of thing an object is. Values are part of the format.
enum class object_type : std::uint8_t {
    unknown = 0,
    mutex = 1,
    recursive_mutex = 2,
    error_checking_mutex = 3,
    adaptive_mutex = 4,
    shared_mutex = 5,                  // glibc rwlock that prefers readers (the default and PREFER_WRITER_NP)
    shared_mutex_writer_priority = 6,  // PREFER_WRITER_NONRECURSIVE_NP: readers queue behind a waiting writer
    spinlock = 7,
    semaphore = 8,
    condition = 9,
    barrier = 10,
    latch = 11,
    once = 12,
    static_guard = 13,  // __cxa_guard of a static local
    event = 14,
    future = 15,
    queue = 16,
    pool = 17,
    event_loop = 18,
    variable = 19,
    user_lock = 20,  // annotated by the user
    agent = 21,      // a thread's termination, as what a join requests
    timed_mutex = 22,
    ticket_lock = 23,
    shared_mutex_fair = 24,
    futex = 25,  // a word of memory that some primitive unknown to us waits on
    omp_lock = 26,
    omp_nest_lock = 27,
    omp_critical = 28,  // a critical region of OpenMP, by its name; also the one of atomic operations
};

std::string_view name(object_type type) noexcept;

/// Made by pthread_mutex_init or its initialisers: a pthread_mutex_t, whatever its kind.
constexpr bool is_pthread_mutex(object_type type) noexcept {
    return type == object_type::mutex || type == object_type::recursive_mutex ||
           type == object_type::error_checking_mutex || type == object_type::adaptive_mutex;
}

constexpr bool is_pthread_rwlock(object_type type) noexcept {
    return type == object_type::shared_mutex || type == object_type::shared_mutex_writer_priority;
}

/// A lock of the C library whose requests block for ever, whose holder alone releases it: nothing about it needs analysis.
constexpr bool is_pthread_lock(object_type type) noexcept {
    return is_pthread_mutex(type) || is_pthread_rwlock(type) || type == object_type::spinlock;
}

/// OpenMP binds a lock to the task that set it, which stays on its thread as long as it is tied.
constexpr bool is_of_openmp(object_type type) noexcept {
    return type == object_type::omp_lock || type == object_type::omp_nest_lock || type == object_type::omp_critical;
}

/// Only the thread that locked it may unlock it.
constexpr bool is_bound_to_thread(object_type type) noexcept {
    return is_pthread_lock(type) || type == object_type::shared_mutex_fair || type == object_type::timed_mutex ||
           type == object_type::ticket_lock || is_of_openmp(type);
}

/// Counted as a lock by reports. A semaphore may turn out to be none.
constexpr bool is_lock(object_type type) noexcept {
    return is_bound_to_thread(type) || type == object_type::semaphore || type == object_type::user_lock;
}

/// A shared request waits for other shared holds while a writer is queued.
constexpr bool queues_readers(object_type type) noexcept {
    return type == object_type::shared_mutex_writer_priority || type == object_type::shared_mutex_fair;
}

}  // namespace interlock::format
