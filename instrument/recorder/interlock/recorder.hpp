// The recorder as instrumented primitives call it: the one door of libinterlock.so that is open to user's code, hence plain C, versioned by
// name and self-contained. It is installed as <interlock/recorder.hpp>; programs use <interlock/mutex.hpp> and its like, and
// <interlock/annotations.hpp> for locks of their own, both of which stand on this.
//
// A primitive carries an interlock_object, tells what it is about to do and what came of it, and does the work itself by calls
// that are not interposed, so nothing is recorded twice when the library is preloaded too:
//
//      const bool told = interlock_v1_request(&object, flags);
//      ... acquire ...
//      if (told) interlock_v1_acquired(&object, flags);
//
// Thread-safe; a call is made by the thread whose doing it tells. Keeps errno, takes no lock, allocates nothing of the program's, throws
// nothing. Cost: tens of nanoseconds; a construction that is told, and the first sight of a dependency, some microseconds.
#pragma once

#include <pthread.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

extern "C" {

/// A class of locks: what a user says of all locks made for one purpose. Immortal. Locks of rank r may be requested only while all ranked
/// locks held have a lower rank, or the same rank and a lower subclass. Rank 0: none.
struct interlock_class {
    const char* name;
    std::uint32_t rank;
};

/// What a primitive is to the recorder. All zero but what is known; `identity` is the recorder's. Strings live as long as the object.
struct interlock_object {
    std::uint64_t identity;     // id | life of the process << 32; 0: not met yet
    const char* name;           // or nullptr
    const interlock_class* of;  // or nullptr
    std::uint32_t value;        // permits of a semaphore, parties of a barrier, count of a latch, at the beginning
    std::uint8_t type;          // interlock_type
    std::uint8_t subclass;      // of `of`, where locks of one class nest
    std::uint8_t native;        // 1: a pthread_mutex_t follows the object and shares its identity
    std::uint8_t reserved;
};

/// Numbers of the log's object types (instrument/format/event.hpp).
enum interlock_type : std::uint8_t {
    interlock_mutex = 1,
    interlock_recursive_mutex = 2,
    interlock_shared_mutex = 5,
    interlock_shared_mutex_writer_priority = 6,
    interlock_spinlock = 7,
    interlock_semaphore = 8,
    interlock_condition = 9,
    interlock_barrier = 10,
    interlock_latch = 11,
    interlock_once = 12,
    interlock_event = 14,
    interlock_future = 15,
    interlock_queue = 16,
    interlock_pool = 17,
    interlock_event_loop = 18,
    interlock_variable = 19,
    interlock_user_lock = 20,
    interlock_timed_mutex = 22,
    interlock_ticket_lock = 23,
    interlock_shared_mutex_fair = 24,
};

/// Attributes of an operation.
enum interlock_flags : std::uint8_t {
    interlock_shared = 1,     // mode; else exclusive
    interlock_timed = 2,      // the request gives up by itself
    interlock_attempt = 4,    // never blocks
    interlock_contended = 8,  // the lock looked busy just before
};

/// Steps of what is not a lock: numbers of the log's kinds of event.
enum interlock_step : std::uint8_t {
    interlock_barrier_arrive = 65,
    interlock_barrier_complete = 66,
    interlock_barrier_drop = 67,
    interlock_latch_count_down = 68,
    interlock_latch_wait = 69,
    interlock_latch_pass = 70,
    interlock_event_set = 77,
    interlock_event_reset = 78,
    interlock_event_wait = 79,
    interlock_event_pass = 80,
    interlock_future_wait = 81,
    interlock_future_get = 82,
    interlock_future_set = 83,
    interlock_future_abandon = 84,
    interlock_task_start = 89,
    interlock_task_finish = 92,
    interlock_atomic_load = 112,
    interlock_atomic_store = 113,
    interlock_atomic_update = 114,
    interlock_queue_put = 96,
    interlock_queue_get = 97,
    interlock_queue_wait = 98,
    interlock_queue_task_done = 99,
    interlock_queue_join = 100,
    interlock_queue_shutdown = 101,
};

// -- lives ----------------------------------------------------------------------------------------------------------------

/// Begins the life of `object` here and now, so that its creation is known; optional: what was not told (an object that is initialised before
/// the program runs) is met at its first operation.
void interlock_v1_create(interlock_object* object);
/// Its end. `busy`: it is held, as far as the primitive knows.
void interlock_v1_destroy(interlock_object* object, bool busy);
/// `name`, `of` or `subclass` have changed.
void interlock_v1_describe(interlock_object* object);

/// Before a shared hold is to become exclusive, and after it has; else interlock_v1_not_acquired. False: nothing is recorded here.
bool interlock_v1_upgrade_request(interlock_object* object);
void interlock_v1_upgraded(interlock_object* object);
/// The calling agent held it for so long, beyond what it is made for. Told before the release.
void interlock_v1_overrun(interlock_object* object, std::uint64_t nanoseconds);

/// A release by who does not hold the lock, as the recorder keeps it between its two notes.
struct interlock_foreign_release {
    std::uint32_t lock;
    std::uint32_t holder;
    std::uint32_t acquired_at;
    bool ended;
};

/// A place of the program, where it is not the call of the library itself.
struct interlock_place {
    std::uintptr_t site;            // to be told: an address in the function
    std::uintptr_t stack_pointer;   // the function's, at a call
    std::uintptr_t frame_pointer;   // its rbp, whatever it uses it for
    std::uintptr_t return_address;  // of that call
};

// -- locks ----------------------------------------------------------------------------------------------------------------

/// Before a request. False: nothing is recorded here; then leave out what would follow.
bool interlock_v1_request(interlock_object* object, std::uint8_t flags);
void interlock_v1_acquired(interlock_object* object, std::uint8_t flags);
/// Instead of both, after an acquisition that did not wait: a blocking request would have been granted as well.
void interlock_v1_granted(interlock_object* object, std::uint8_t flags);
/// `error`: EBUSY for a failed try, ETIMEDOUT, EDEADLK ...
void interlock_v1_not_acquired(interlock_object* object, std::uint8_t flags, int error);
/// The same, of an acquisition elsewhere.
bool interlock_v1_request_at(interlock_object* object, std::uint8_t flags, const interlock_place* from);
void interlock_v1_acquired_at(interlock_object* object, std::uint8_t flags, const interlock_place* from);
void interlock_v1_granted_at(interlock_object* object, std::uint8_t flags, const interlock_place* from);
void interlock_v1_not_acquired_at(interlock_object* object, std::uint8_t flags, int error, const interlock_place* from);
/// Before a release. True: the calling agent does not hold it; then `other` is filled in for interlock_v1_released_by_other, to be told
/// afterwards. `cannot_fail`: the release asks nobody who the owner is.
bool interlock_v1_release(interlock_object* object, std::uint8_t flags, bool cannot_fail,
                          interlock_foreign_release* other);
void interlock_v1_released_by_other(const interlock_foreign_release* other, std::uint8_t flags, bool success);
/// The same, of a release elsewhere.
bool interlock_v1_release_at(interlock_object* object, std::uint8_t flags, bool cannot_fail,
                             interlock_foreign_release* other, const interlock_place* from);
void interlock_v1_released_by_other_at(const interlock_foreign_release* other, std::uint8_t flags, bool success,
                                       const interlock_place* from);

// -- all else ---------------------------------------------------------------------------------------------------------------

/// A step that has an effect on others is told before it takes effect, one that is an effect of others after.
void interlock_v1_step(interlock_object* object, std::uint8_t step, std::uint8_t flags);
/// Before blocking until something is done by others, and after. Between the two the agent wants the object.
void interlock_v1_wait(interlock_object* object, std::uint8_t step, std::uint8_t flags);
void interlock_v1_end_wait(interlock_object* object);

/// Waits on a condition whose mutex is a primitive's, told and done. 0 or ETIMEDOUT.
int interlock_v1_condition_wait(interlock_object* object, pthread_cond_t* condition, pthread_mutex_t* mutex,
                                clockid_t clock, const struct timespec* until);
/// The same where the mutex is the condition's own affair: only the wait is told.
int interlock_v1_condition_wait_any(interlock_object* object, pthread_cond_t* condition, pthread_mutex_t* mutex,
                                    clockid_t clock, const struct timespec* until);
/// Is a wait that is about to be made to return at once? Told, if so. `mutex`: what the caller holds for it, or nullptr.
bool interlock_v1_condition_wakes_spuriously(interlock_object* object, pthread_mutex_t* mutex);
void interlock_v1_condition_notify(interlock_object* object, pthread_cond_t* condition, bool all);
int interlock_v1_condition_destroy(pthread_cond_t* condition);

/// Before an initialiser may be run or waited for (`running`); then one of: this agent runs it, it has returned, it has thrown; or another
/// had run it.
void interlock_v1_once_request(interlock_object* object, bool running);
void interlock_v1_once_begun(interlock_object* object);
void interlock_v1_once_done(interlock_object* object);
void interlock_v1_once_aborted(interlock_object* object);
void interlock_v1_once_passed(interlock_object* object);

bool interlock_v1_semaphore_request(interlock_object* object, std::uint8_t flags);
void interlock_v1_semaphore_acquired(interlock_object* object, std::uint8_t flags);
/// `error`: EAGAIN for a failed try, ETIMEDOUT.
void interlock_v1_semaphore_not_acquired(interlock_object* object, std::uint8_t flags, int error);
/// Before a post of one permit.
void interlock_v1_semaphore_post(interlock_object* object);

// -- work that is no thread ---------------------------------------------------------------------------------------------------

/// A task of a pool or an event loop; all zero: not recorded.
struct interlock_task {
    std::uint32_t id;
    std::uint32_t stack;  // of its submission
};
/// Before it is handed over to `to`.
void interlock_v1_task_submit(interlock_object* to, struct interlock_task* made);
/// On the thread that runs it, before and after.
void interlock_v1_task_step(const struct interlock_task* task, std::uint8_t step);

/// An agent that is no thread: a coroutine task, a fiber. All zero: not recorded.
struct interlock_agent {
    void* handle;
    std::uint32_t id;
    std::uint32_t life;  // of the process
};
void interlock_v1_agent_create(struct interlock_agent* made, const char* name);
/// The stack that it runs on, lowest byte first, where that is not its thread's: without it its stacks are their innermost place alone.
void interlock_v1_agent_stack(const struct interlock_agent* of, const void* low, std::size_t size);
/// This thread runs `to` from here on; `left` is who ran, to be switched back to.
void interlock_v1_agent_switch(const struct interlock_agent* to, struct interlock_agent* left);
/// The agent that calls is about to leave its thread: what it holds and only that thread may release is reported.
void interlock_v1_agent_suspend(void);
/// It runs nowhere, and will not again.
void interlock_v1_agent_end(const struct interlock_agent* ended);
/// The calling agent is about to wait for the end of `awaited`; it waits no longer.
void interlock_v1_agent_request_end(const struct interlock_agent* awaited);
void interlock_v1_agent_withdraw_request(void);
/// The caller goes on after the end of `ended`.
void interlock_v1_agent_follow(const struct interlock_agent* ended);

/// Names the calling thread.
void interlock_v1_name_thread(const char* name);

/// Misuse that a primitive sees itself: numbers of the log's kinds of event.
enum interlock_misuse : std::uint8_t {
    interlock_broken_promise = 85,
    interlock_pool_exhausted = 95,
    interlock_handler_overran = 102,
};
/// `number` and `flags` as the log's event says; `stack`: of a task, or 0: here.
void interlock_v1_misuse(interlock_object* object, std::uint8_t kind, std::uint8_t flags, std::uint32_t number,
                         std::uint32_t stack);

/// After an atomic operation on `variable`, and after a fence: `operation` is the log's kind of event, `order` a std::memory_order.
void interlock_v1_atomic(interlock_object* variable, std::uint8_t operation, std::uint8_t order, std::uint8_t size);
void interlock_v1_fence(std::uint8_t order);

// -- tests ------------------------------------------------------------------------------------------------------------------

/// From here on all that is recorded is of the test `name`, or of none (nullptr). With the last mark's name and `again` the same run of the
/// test goes on. Returns the mark's number, ascending; 0: nothing is recorded.
std::uint32_t interlock_v1_mark_test(const char* name, bool again);

/// What this process records, as far as who reads its log has to know. Strings live as long as the process, or until it forks.
struct interlock_recording {
    const char* log_path;
    const char* suppressions;       // options, empty: none
    const char* baseline;           //
    const char* lock_order;         //
    const char* strip_path_prefix;  //
    const char* fail_on;            //
    bool log_path_chosen;           // by the option log_path
    bool halts;                     // by the option halt_on_error
    bool fail_unchecked;            // by the option of that name
};
/// False: nothing is recorded here, and only `fail_unchecked` is told.
bool interlock_v1_recording(struct interlock_recording* told);
/// The caller tells of findings: no line at the first inversion or race, no report at exit.
void interlock_v1_take_over_reports(void);
/// Calls `work`; of what it does on this thread nothing is recorded.
void interlock_v1_unrecorded(void (*work)(void* data), void* data);
/// The calling agent's number in the log; 0: nothing is recorded.
std::uint32_t interlock_v1_this_agent(void);
/// False: the lock that the log calls `object` lay at `address`, where another lock lies now that nobody has used yet. Precondition: a lock lies there.
bool interlock_v1_is_lock_at(void* address, std::uint32_t object);

/// A finding as the process itself knows it, while it happens.
struct interlock_finding {
    const char* kind;    // lock-order-cycle or data-race
    const char* report;  // a few lines, addresses instead of source lines; valid during the call
};
/// `callback` is told of each finding at once, on the thread that makes it, before it goes on; nothing of what it does there is recorded. nullptr:
/// nobody is told any more. Findings that wait for whole-log analysis are not told.
void interlock_v1_on_finding(void (*callback)(const struct interlock_finding* found, void* data), void* data);

// -- libc's own functions, not interposed -------------------------------------------------------------------------------------

int interlock_v1_mutex_lock(pthread_mutex_t* mutex);
int interlock_v1_mutex_trylock(pthread_mutex_t* mutex);
int interlock_v1_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const struct timespec* until);
int interlock_v1_mutex_unlock(pthread_mutex_t* mutex);
int interlock_v1_rwlock_rdlock(pthread_rwlock_t* lock);
int interlock_v1_rwlock_tryrdlock(pthread_rwlock_t* lock);
int interlock_v1_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock, const struct timespec* until);
int interlock_v1_rwlock_wrlock(pthread_rwlock_t* lock);
int interlock_v1_rwlock_trywrlock(pthread_rwlock_t* lock);
int interlock_v1_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock, const struct timespec* until);
int interlock_v1_rwlock_unlock(pthread_rwlock_t* lock);
}
