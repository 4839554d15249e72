// Mutexes and once flags: std's, with names. Recording tells every request, acquisition and release; off, each is its std twin with a
// constructor that forgets the name.
//
// Misuse that is reported of all mutexes: one thread locking twice what is not recursive (self-deadlock), unlocking what is not held or
// another's (unlock-not-held, unlock-not-owner), ending a thread that holds one (held-at-thread-exit), destroying one that is
// held (destroy-while-held).
#pragma once

#include <interlock/config.hpp>

#include <mutex>

#if INTERLOCK_RECORDS
#include <interlock/detail/native_mutex.hpp>
#include <interlock/detail/once.hpp>
#else
#include <interlock/detail/std_twin.hpp>
#endif

namespace interlock::inline INTERLOCK_MODE {

using std::adopt_lock;
using std::adopt_lock_t;
using std::defer_lock;
using std::defer_lock_t;
using std::lock;
using std::scoped_lock;
using std::try_lock;
using std::try_to_lock;
using std::try_to_lock_t;
using std::unique_lock;

#if INTERLOCK_RECORDS

/// As std::mutex: blocking, owned by the thread that locked it, not recursive. Constant-initialised where std's is.
class INTERLOCK_CAPABILITY("mutex") mutex : public detail::native_mutex<interlock_mutex> {
public:
    using native_mutex::native_mutex;
    INTERLOCK_INLINE void lock() INTERLOCK_ACQUIRE() { acquire_or_throw(); }
    bool try_lock() noexcept INTERLOCK_TRY_ACQUIRE(true) { return try_acquire(); }
    void unlock() noexcept INTERLOCK_RELEASE() { release(); }
};

/// As std::timed_mutex: requests may give up by the steady or any other clock.
class INTERLOCK_CAPABILITY("mutex") timed_mutex : public detail::timed_native_mutex<interlock_timed_mutex> {
public:
    using timed_native_mutex::timed_native_mutex;
    INTERLOCK_INLINE void lock() INTERLOCK_ACQUIRE() { acquire_or_throw(); }
    bool try_lock() noexcept INTERLOCK_TRY_ACQUIRE(true) { return try_acquire(); }
    void unlock() noexcept INTERLOCK_RELEASE() { release(); }
};

/// As std::recursive_mutex: its owner locks it again without blocking, and unlocks it as often. Unlocking another's has no effect.
class INTERLOCK_CAPABILITY("mutex") recursive_mutex : public detail::native_mutex<interlock_recursive_mutex> {
public:
    using native_mutex::native_mutex;
    /// Throws std::system_error when it is held as often as can be counted.
    INTERLOCK_INLINE void lock() INTERLOCK_ACQUIRE() { acquire_or_throw(); }
    bool try_lock() noexcept INTERLOCK_TRY_ACQUIRE(true) { return try_acquire(); }
    void unlock() noexcept INTERLOCK_RELEASE() { release(); }
};

/// As std::recursive_timed_mutex.
class INTERLOCK_CAPABILITY("mutex") recursive_timed_mutex
    : public detail::timed_native_mutex<interlock_recursive_mutex> {
public:
    using timed_native_mutex::timed_native_mutex;
    INTERLOCK_INLINE void lock() INTERLOCK_ACQUIRE() { acquire_or_throw(); }
    bool try_lock() noexcept INTERLOCK_TRY_ACQUIRE(true) { return try_acquire(); }
    void unlock() noexcept INTERLOCK_RELEASE() { release(); }
};

#else

class INTERLOCK_CAPABILITY("mutex") mutex : public detail::mutex_twin<std::mutex> {
    using mutex_twin::mutex_twin;
};
class INTERLOCK_CAPABILITY("mutex") timed_mutex : public detail::timed_mutex_twin<std::timed_mutex> {
    using timed_mutex_twin::timed_mutex_twin;
};
class INTERLOCK_CAPABILITY("mutex") recursive_mutex : public detail::mutex_twin<std::recursive_mutex> {
    using mutex_twin::mutex_twin;
};
class INTERLOCK_CAPABILITY("mutex") recursive_timed_mutex
    : public detail::timed_mutex_twin<std::recursive_timed_mutex> {
    using timed_mutex_twin::timed_mutex_twin;
};
class once_flag : public detail::std_twin<std::once_flag> {
    using std_twin::std_twin;
};
using std::call_once;

static_assert(detail::costs_the_same<mutex, std::mutex>);
static_assert(detail::costs_the_same<timed_mutex, std::timed_mutex>);
static_assert(detail::costs_the_same<recursive_mutex, std::recursive_mutex>);
static_assert(detail::costs_the_same<recursive_timed_mutex, std::recursive_timed_mutex>);
static_assert(detail::costs_the_same<once_flag, std::once_flag>);

#endif

/// As std::lock_guard, and known to clang's thread-safety analysis, as libstdc++'s guards are not.
template <typename Mutex>
class [[nodiscard]] INTERLOCK_SCOPED_CAPABILITY lock_guard {
public:
    using mutex_type = Mutex;
    explicit lock_guard(Mutex& held) INTERLOCK_ACQUIRE(held) : held_{held} { held_.lock(); }
    lock_guard(Mutex& held, adopt_lock_t) INTERLOCK_REQUIRES(held) : held_{held} {}
    ~lock_guard() INTERLOCK_RELEASE() { held_.unlock(); }
    lock_guard(const lock_guard&) = delete;
    lock_guard& operator=(const lock_guard&) = delete;

private:
    Mutex& held_;
};

}  // namespace interlock::inline INTERLOCK_MODE
