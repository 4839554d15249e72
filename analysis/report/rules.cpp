#include "analysis/report/rules.hpp"

namespace interlock::report {

using findings::kind;

namespace {

constexpr rule lock_order_cycle{"LockOrderInversion", "Locks are acquired in orders that can end in a deadlock.",
                                "One thread asks for a second lock while it holds a first, another asks for the first "
                                "while it holds the second. If both "
                                "come so far at the same time, each waits for the other for ever. The run that was "
                                "watched need not have hung; the verdict "
                                "says how far it answers whether it can.",
                                "Acquire these locks in one order everywhere, or both at once with std::scoped_lock, "
                                "or hold only one of them at a time.",
                                833};
constexpr rule deadlock{"Deadlock", "Threads wait for each other for ever.",
                        "Each of these threads keeps what another one of them waits for, and none of the requests "
                        "gives up by itself. It was seen in this run.",
                        "Acquire these locks in one order everywhere, or all at once with std::scoped_lock; do not "
                        "join a thread, or wait for it, "
                        "while holding what it needs.",
                        833};
constexpr rule self_deadlock{
    "SelfDeadlock", "A thread waits for what only it can release.",
    "The thread asks for a lock that it holds already, and the lock is not recursive.",
    "Pass the lock on to the function that is called, or split off a function that expects it held.", 764};
constexpr rule stalled{
    "Stalled", "Threads wait for what nothing can bring.",
    "Whoever could notify, post, set or release what these threads wait for has ended or waits itself.",
    "Notify after every change of the condition and before the last thread that could do so ends; release locks before "
    "ending.",
    833};
constexpr rule data_race{"DataRace", "Two accesses of the same memory that nothing orders, one of them a write.",
                         "C and C++ give a program with a data race no meaning: values may be torn, stale or reordered "
                         "by compiler and processor.",
                         "Guard both accesses with the same lock, or make the variable a std::atomic.", 362};
constexpr rule atomicity_violation{
    "AtomicityViolation", "Another thread's write comes between a check and the act that depends on it.",
    "Each access is guarded, but the lock is released between reading a value and acting on it.",
    "Hold the lock from the check to the act.", 367};
constexpr rule lock_rank_violation{
    "LockRankViolation", "A lock is acquired against its declared rank.",
    "The program declares in which order its locks are acquired, and this acquisition goes against it.",
    "Acquire the lock of the lower rank first, or correct the declaration.", 833};
constexpr rule unlock_not_held{
    "UnlockNotHeld", "A lock is released that nobody holds.",
    "POSIX and C++ leave undefined what happens then; the lock may be free while somebody relies on it.",
    "Release once for each acquisition, best by std::lock_guard.", 832};
constexpr rule unlock_not_owner{
    "UnlockNotOwner", "A lock is released by a thread that does not hold it.",
    "A mutex belongs to the thread that locked it; released by another, it guards nothing any more.",
    "Release where it was acquired; for signalling between threads use a semaphore or a condition.", 832};
constexpr rule unlock_wrong_mode{"UnlockWrongMode", "A lock is released in another mode than it is held in.",
                                 "It is held shared and released as if held exclusively, or the reverse.",
                                 "Use std::shared_lock for readers and std::unique_lock for writers.", 667};
constexpr rule destroy_while_held{"DestroyWhileHeld", "A lock is destroyed while it is held.",
                                  "Whoever holds it, or waits for it, goes on with memory that is no lock any more.",
                                  "Let the lock live longer than every thread that uses it.", 667};
constexpr rule reinit_while_held{"ReinitWhileHeld", "A lock is initialised again while it is held.",
                                 "The holder's acquisition is forgotten; the next thread gets in beside it.",
                                 "Initialise once, before the first use.", 667};
constexpr rule held_at_thread_exit{
    "HeldAtThreadExit", "A thread ends and leaves a lock locked.",
    "Nobody can release it any more: the next thread that asks for it waits for ever.",
    "Release before returning, also when an exception or a cancellation ends the thread: std::lock_guard does.", 667};
constexpr rule broken_promise{"BrokenPromise", "A promise ends without a value that somebody waits for.",
                              "Its future throws std::future_error when it is read.",
                              "Set a value or an exception on every path.", 0};
constexpr rule pool_exhausted{
    "PoolExhausted", "All workers of a pool wait for tasks of the same pool.",
    "No worker is left to run what the others wait for.",
    "Do not wait for a task inside a task of the same pool; continue in a task of its own, or use another pool.", 833};
constexpr rule handler_overrun{"HandlerOverrun", "A handler of an event loop runs longer than its bound.",
                               "All other handlers of the loop wait meanwhile.",
                               "Move the long part to a pool and post its result.", 0};
constexpr rule suspend_while_holding{"SuspendWhileHolding", "A coroutine is suspended while it holds a thread's lock.",
                                     "It may go on in another thread, which then releases a lock that it does not own; "
                                     "until then the first thread keeps it.",
                                     "Release before co_await, or use a lock that belongs to the task.", 667};
constexpr rule spinlock_held_long{"SpinlockHeldLong", "A spin lock is held longer than its bound.",
                                  "Whoever waits for it burns processor time meanwhile.",
                                  "Do less under it, or use a mutex.", 0};
constexpr rule spinlock_held_blocking{"SpinlockHeldBlocking", "A spin lock is held across a call that blocks.",
                                      "Whoever waits for it spins for as long as the call takes.",
                                      "Release it before the call, or use a mutex.", 0};
constexpr rule wait_without_loop{
    "WaitWithoutLoop", "A wait on a condition trusts its wake-up.",
    "A condition may wake for no reason, and what it announced may be gone again by the time that the thread runs.",
    "Wait in a loop that asks the condition, or pass a predicate to wait().", 0};
constexpr rule condition_two_mutexes{"ConditionTwoMutexes", "One condition is waited on with two mutexes.",
                                     "POSIX and C++ leave undefined what happens then: wake-ups may be lost.",
                                     "Use one mutex for each condition.", 0};

}  // namespace

const rule& rule_of(kind what) noexcept {
    switch (what) {
        case kind::lock_order_cycle: return lock_order_cycle;
        case kind::deadlock: return deadlock;
        case kind::self_deadlock: return self_deadlock;
        case kind::lock_rank_violation: return lock_rank_violation;
        case kind::unlock_not_held: return unlock_not_held;
        case kind::unlock_not_owner: return unlock_not_owner;
        case kind::destroy_while_held: return destroy_while_held;
        case kind::held_at_thread_exit: return held_at_thread_exit;
        case kind::stalled: return stalled;
        case kind::data_race: return data_race;
        case kind::atomicity_violation: return atomicity_violation;
        case kind::reinit_while_held: return reinit_while_held;
        case kind::unlock_wrong_mode: return unlock_wrong_mode;
        case kind::broken_promise: return broken_promise;
        case kind::pool_exhausted: return pool_exhausted;
        case kind::handler_overrun: return handler_overrun;
        case kind::suspend_while_holding: return suspend_while_holding;
        case kind::spinlock_held_long: return spinlock_held_long;
        case kind::spinlock_held_blocking: return spinlock_held_blocking;
        case kind::wait_without_loop: return wait_without_loop;
        case kind::condition_two_mutexes: return condition_two_mutexes;
    }
    return lock_order_cycle;
}

}  // namespace interlock::report
