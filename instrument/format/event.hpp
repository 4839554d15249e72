// The vocabulary of a log: every kind of record there is, and the attributes that a record can carry.
// Values are part of the file format: a number is never reused. What each record's fields mean stands beside its kind.
//
// Notation: `object`, `sequence`, `site`, `flags` are the fields of the lead slot (record.hpp); "+ name" says that
// continuation slots follow, with their layout in payload.hpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "instrument/format/object_type.hpp"

namespace interlock::format {

enum class event_kind : std::uint8_t {
    none = 0,          // not committed
    continuation = 1,  // payload of the lead slot before it; never a record of its own

    // -- the log itself -----------------------------------------------------------------------------------------------
    time = 2,           // operand: absolute time-stamp counter; written when 20 bits of ticks do not reach
    loss = 3,           // flags: loss_reason; sequence: how many events of this agent are missing here
    held = 4,           // chunk begin: object held, sequence: recursion depth, flags: mode; innermost last
    site = 5,           // operand: address (48 bits) | load epoch << 48; `site` field: the id it defines
    stack = 6,          // object: stack_id; sequence: frame count | load epoch << 16; + addresses, innermost first
    string = 7,         // object: string_id; sequence: length in bytes; + bytes
    module_load = 8,    // object: module_id; sequence: load epoch; + module_payload
    module_unload = 9,  // object: module_id; sequence: load epoch from which it is gone
    held_set = 10,      // object: held_set_id; sequence: parent held_set_id; + held_set_payload
    level_change = 11,  // flags: the log_level from here on (a full log that ran out of room goes on as `order`)
    blind_spot = 12,    // flags: blind_spot; object: string_id of detail

    // -- agents -------------------------------------------------------------------------------------------------------
    agent_create = 16,         // object: agent born (written before it can run); sequence: stack_id of the creation
    agent_create_failed = 17,  // object: agent that was never born
    agent_start = 18,          // object: creator (0: unknown or main); sequence: kernel thread id; flags: agent_type
    agent_exit = 19,           // the agent's last event
    join_request = 20,         // object: agent to be joined; flags: request attributes
    agent_join = 21,           // object: agent joined (its exit comes before)
    agent_detach = 22,         // object: agent
    agent_switch = 23,         // object: agent that runs on this thread from here on; written by the one that leaves
    agent_name = 24,           // object: agent; sequence: string_id
    join_timed_out = 25,       // object: agent
    join_dependency = 26,      // object: agent whose end is wanted; sequence: held_set_id; + dependency_payload

    // -- locks --------------------------------------------------------------------------------------------------------
    lock_init = 32,     // object; flags: object_type; + object_payload
    lock_destroy = 33,  // object
    request = 34,       // object wanted; flags: lock_flags; written before blocking; sequence: stack_id, if taken
    acquire = 35,       // object; sequence: per-object; flags: lock_flags
    release = 36,       // object; sequence: per-object; flags: lock_flags
    try_failed = 37,    // object; flags: lock_flags; sequence: stack_id
    timed_out = 38,     // object; flags: lock_flags
    refused = 39,       // object; sequence: errno (EDEADLK, EAGAIN, ENOTRECOVERABLE ...)
    release_by_non_holder =
        40,           // object; sequence: agent that holds it or 0; flags: lock_flags | succeeded; + access_payload
    dependency = 41,  // object wanted; sequence: held_set_id; flags: lock_flags; + dependency_payload
    dependency_again =
        42,  // object: dependency_id of this agent, seen again in a later segment; sequence: nth as in dependency_payload
    destroy_while_held = 43,  // object; sequence: agent that holds it
    reinit_while_held = 44,   // object (the old life); sequence: agent that holds it
    owner_died = 45,          // object acquired with EOWNERDEAD
    held_at_exit = 46,        // object that the exiting agent still holds; flags: lock_flags; + stack in sequence
    upgrade_request = 47,     // object held shared and wanted exclusively by the same agent; sequence: stack, or 0
    acquire_stack =
        54,  // object that the agent acquires next with nothing else held, from where the site alone says little (a
             // library's function that was not inlined); flags: lock_flags; sequence: stack_id. First in its segment
    acquire_bare = 53,  // object acquired with nothing else held; flags: lock_flags. Level order: first in its segment

    // -- conditions ---------------------------------------------------------------------------------------------------
    condition_wait = 48,       // object: condition; sequence: per-object; + wait_payload. Releases its mutex
    condition_wake = 49,       // object: condition; sequence: per-object; the mutex is requested and acquired next
    condition_timed_out = 50,  // as condition_wake
    notify_one = 51,           // object; sequence: per-object
    notify_all = 52,           // object; sequence: per-object

    // -- semaphores ---------------------------------------------------------------------------------------------------
    semaphore_request = 56,     // object; flags: lock_flags; sequence: stack_id after a failed try
    semaphore_acquire = 57,     // object; sequence: per-object
    semaphore_post = 58,        // object; sequence: per-object
    semaphore_value = 59,       // object; sequence: value seen
    semaphore_try_failed = 60,  // object; sequence: stack_id
    semaphore_timed_out = 61,   // object

    // -- barriers and latches ------------------------------------------------------------------------------------------
    barrier_register = 64,  // object; sequence: parties
    barrier_arrive = 65,    // object; sequence: per-object
    barrier_complete = 66,  // object; sequence: per-object; the agent has passed
    barrier_drop = 67,      // object; sequence: per-object
    latch_count_down = 68,  // object; sequence: per-object
    latch_wait = 69,        // object; flags: request attributes
    latch_pass = 70,        // object; sequence: per-object

    // -- once, events, futures -------------------------------------------------------------------------------------------
    once_begin = 72,      // object; the caller runs the initialiser (held like a lock meanwhile)
    once_done = 73,       // object; sequence: per-object; written by who ran it
    once_pass = 74,       // object; sequence: per-object; first return of an agent that did not run it
    once_wait = 75,       // object; request: another agent runs the initialiser
    once_abort = 76,      // object; the initialiser threw
    event_set = 77,       // object; sequence: per-object
    event_reset = 78,     // object; sequence: per-object
    event_wait = 79,      // object
    event_pass = 80,      // object; sequence: per-object
    future_wait = 81,     // object
    future_get = 82,      // object, or the once flag of a std::future; sequence: per-object
    future_set = 83,      // object; sequence: per-object
    future_abandon = 84,  // object; sequence: per-object: broken promise

    broken_promise = 85,  // object: future got although its promise was abandoned; + access_payload

    // -- tasks, pools, queues --------------------------------------------------------------------------------------------
    task_submit = 88,     // object: agent_id of the task; sequence: object_id of the pool or loop
    task_start = 89,      // object: agent_id of the task
    task_suspend = 90,    // object: agent_id of the task
    task_resume = 91,     // object: agent_id of the task
    task_finish = 92,     // object: agent_id of the task
    task_wait = 93,       // object: agent_id of the task waited for
    pool_size = 94,       // object: pool; sequence: workers
    pool_exhausted = 95,  // object: pool; flags: request attributes; sequence: workers, which all wait for tasks of the
                          // pool; + access_payload
    queue_put = 96,       // object; sequence: per-object
    queue_get = 97,       // object; sequence: per-object
    queue_wait = 98,      // object; flags bit 0: waits for room, else for an item
    queue_task_done = 99,  // object; sequence: per-object
    queue_join = 100,      // object; sequence: per-object
    queue_shutdown = 101,  // object; sequence: per-object; flags bit 0: immediate

    handler_overran = 102,  // object: event loop; sequence: milliseconds of a handler; + access_payload: its post
    suspend_holding = 103,  // object: lock of a thread that an agent holds while it leaves it; + access_payload

    // -- memory ------------------------------------------------------------------------------------------------------------
    atomic_load = 112,    // object: low 32 bits of a variable number; flags: memory_order | size << 4
    atomic_store = 113,   // the same
    atomic_update = 114,  // the same: read-modify-write
    fence = 115,          // flags: memory_order
    read = 116,           // + access_payload; flags: size
    write = 117,          // + access_payload; flags: size
    region_begin = 118,   // object: region
    region_end = 119,     // object: region
    allocation = 120,     // + range_payload
    deallocation = 121,   // + range_payload

    // -- what the user or the system says ------------------------------------------------------------------------------------
    lock_name = 128,     // object; sequence: string_id
    lock_class = 129,    // object; sequence: string_id
    lock_rank = 130,     // object; sequence: rank; flags: subclass
    group_begin = 131,   // std::lock and its kind: what follows is acquired as a group
    group_end = 132,     //
    signal_enter = 136,  // sequence: signal number; object: number of the handler in this process
    signal_exit = 137,   // sequence: signal number
    signal_open =
        139,          // sequence: signal number; object: the handler that it may interrupt the agent with from here on;
                      // 0: none, it is blocked or ignored or has its default action, as before the first record
    held_open = 140,  // object held where a signal has just opened; flags: lock_flags; site: where it was acquired
    fork_parent = 144,   // sequence: pid of the child
    fork_child = 145,    // sequence: pid of the parent; first record of a child's log
    exec = 146,          // sequence: string_id of the path; the image is about to be replaced
    exec_failed = 147,   // sequence: errno
    process_exit = 148,  // sequence: exit status where known
    spawn = 149,         // sequence: string_id of the path; a child was started with that image
    left_locked = 150,   // object: locked in a forked child for ever, by a thread of its parent; flags: lock_flags
    test_begin =
        152,  // what the agent does from here on is of a test; object: number of the mark; sequence: string_id of
              // its name, the same for all marks of one run of the test
    test_end = 153,     // ... is of no test; object: number of the mark
    alarm_order = 160,  // object: the lock whose request closed a cycle; sequence: dependency_id
    alarm_race = 161,   // object: number of the defect in this process; sequence: times seen so far; + race_payload
    alarm_atomicity =
        162,  // the same of a check, an act and another thread's write; flags bit 0: that write came between; + race_payload:
              // the act and the write; + access_payload: the check
    futex_wait = 168,  // object: the word; sequence: per-object; + range_payload; a wait that no known primitive made
    futex_wake = 169,  // the same; before the call
    overrun =
        170,  // object that was held, or not served, for longer than it is made for; sequence: microseconds; + access_payload
    spurious_wake =
        171,  // object: condition; a wait that was made to return at once, its mutex not released; + access_payload
};

/// The kind's name as `dump` prints it; empty for a value that is no kind (a reader treats that as damage).
std::string_view name(event_kind kind) noexcept;

/// True for kinds that a log may hold as the lead slot of a record.
bool is_lead(event_kind kind) noexcept;

/// Why a stretch of an agent's events is missing.
enum class loss_reason : std::uint8_t {
    none = 0,
    disk_full = 1,       // the file system has no room for the next window
    log_full = 2,        // --max-log or RLIMIT_FSIZE reached
    nested_signal = 3,   // a handler interrupted the recorder where it could not nest
    table_full = 4,      // sites, stacks, objects or agents beyond their table
    out_of_memory = 5,   // the recorder's arena could not grow
    mapping_lost = 6,    // somebody truncated the log
    unknown_caller = 7,  // an operation on a thread that the recorder could not register
    restricted = 8,      // the program gave up system calls that the recorder needs (seccomp)
};

/// Attributes of a lock operation, the `flags` byte of its record.
namespace lock_flags {
inline constexpr std::uint8_t shared = 1 << 0;        // mode: shared; else exclusive
inline constexpr std::uint8_t timed = 1 << 1;         // the request gives up by itself
inline constexpr std::uint8_t attempt = 1 << 2;       // try_lock: never blocks
inline constexpr std::uint8_t contended = 1 << 3;     // the lock looked busy just before
inline constexpr std::uint8_t reentrant = 1 << 4;     // held by the same agent already
inline constexpr std::uint8_t in_signal = 1 << 5;     // inside a signal handler
inline constexpr std::uint8_t grouped = 1 << 6;       // part of a std::lock-like group acquisition
inline constexpr std::uint8_t by_condition = 1 << 7;  // the implicit release or re-acquisition of a condition wait
inline constexpr std::uint8_t succeeded = 1 << 7;     // on release_by_non_holder: the call returned success
inline constexpr std::uint8_t over_fork = 1 << 7;     // on reinit_while_held: the hold is from before the fork
}  // namespace lock_flags

/// Things the recorder knows it cannot see; each is told once in the report.
enum class blind_spot : std::uint8_t {
    none = 0,
    raw_futex = 1,          // waits or wakes on a futex that no known primitive made
    deep_bind = 2,          // a library was loaded with RTLD_DEEPBIND
    other_namespace = 3,    // dlmopen
    other_sanitizer = 4,    // another tool's interceptors run in this process
    stash_self_test = 5,    // spare bytes of lock types were not as expected: the side table is used
    process_shared = 6,     // a process-shared object: its other side is not in this log
    static_executable = 7,  // nothing can be interposed
    secure_execution = 8,   // setuid or file capabilities: nothing recorded
    fiber_without_switch = 9,
    no_unwinder = 10,  // libunwind could not be loaded: stacks are single sites
    vfork_child = 11,
    unseen_future = 12,       // a module uses std::future, which is header code but for its waits
    openmp = 13,              // something of OpenMP that orders threads and is not understood
    cancellation = 14,        // a module can cancel threads, which ends their waits
    unseen_acquisition = 15,  // a lock was released by right by whom nobody saw acquire it
    unrecorded_program = 16,  // executed without the recorder, unless an exec_failed follows
};

std::string_view name(blind_spot spot) noexcept;

/// How much a log records (D2 in ARCHITECTURE.md).
enum class log_level : std::uint8_t { none = 0, order = 1, full = 2 };

std::string_view name(log_level level) noexcept;

}  // namespace interlock::format
