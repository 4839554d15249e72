// Locks shared by readers: std's, with names; and one whose policy is chosen, with upgrade and a count of who was passed over.
#pragma once

#include <interlock/config.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/detail/tools.hpp>
#include <interlock/detail/waiting_line.hpp>

#include <cerrno>
#include <mutex>
#include <shared_mutex>
#include <system_error>

#if INTERLOCK_RECORDS
#include <interlock/detail/native_shared_mutex.hpp>
#else
#include <interlock/detail/std_twin.hpp>
#endif

namespace interlock::inline INTERLOCK_MODE {

using std::shared_lock;

/// Holds a lock shared while it lives; known to clang's thread-safety analysis, as libstdc++'s std::shared_lock is not.
template <typename Mutex>
class [[nodiscard]] INTERLOCK_SCOPED_CAPABILITY shared_lock_guard {
public:
    using mutex_type = Mutex;
    explicit shared_lock_guard(Mutex& held) INTERLOCK_ACQUIRE_SHARED(held) : held_{held} { held_.lock_shared(); }
    ~shared_lock_guard() INTERLOCK_RELEASE() { held_.unlock_shared(); }
    shared_lock_guard(const shared_lock_guard&) = delete;
    shared_lock_guard& operator=(const shared_lock_guard&) = delete;

private:
    Mutex& held_;
};

#if INTERLOCK_RECORDS

/// As std::shared_mutex, which prefers readers: a writer waits until no reader is in. Not recursive in either mode.
/// Reported besides the misuse of mutexes: a reader that wants to write while others read and want the same (upgrade deadlock).
class INTERLOCK_CAPABILITY("shared_mutex") shared_mutex : public detail::native_shared_mutex {
public:
    using native_shared_mutex::native_shared_mutex;
    INTERLOCK_INLINE void lock() INTERLOCK_ACQUIRE() { acquire(0); }
    bool try_lock() INTERLOCK_TRY_ACQUIRE(true) { return try_acquire(0); }
    void unlock() INTERLOCK_RELEASE() { release(0); }
    INTERLOCK_INLINE void lock_shared() INTERLOCK_ACQUIRE_SHARED() { acquire(interlock_shared); }
    bool try_lock_shared() INTERLOCK_TRY_ACQUIRE_SHARED(true) { return try_acquire(interlock_shared); }
    void unlock_shared() INTERLOCK_RELEASE_SHARED() { release(interlock_shared); }
};

/// As std::shared_timed_mutex.
class INTERLOCK_CAPABILITY("shared_mutex") shared_timed_mutex : public shared_mutex {
public:
    using shared_mutex::shared_mutex;
    template <typename Rep, typename Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& wait_max) INTERLOCK_TRY_ACQUIRE(true) {
        return acquire_before(0, futex::after(wait_max));
    }
    template <typename Clock, typename Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& until) INTERLOCK_TRY_ACQUIRE(true) {
        return futex::before(until, [this](const futex::deadline& end) { return acquire_before(0, end); });
    }
    template <typename Rep, typename Period>
    bool try_lock_shared_for(const std::chrono::duration<Rep, Period>& wait_max) INTERLOCK_TRY_ACQUIRE_SHARED(true) {
        return acquire_before(interlock_shared, futex::after(wait_max));
    }
    template <typename Clock, typename Duration>
    bool try_lock_shared_until(const std::chrono::time_point<Clock, Duration>& until)
        INTERLOCK_TRY_ACQUIRE_SHARED(true) {
        return futex::before(until,
                             [this](const futex::deadline& end) { return acquire_before(interlock_shared, end); });
    }
};

#else

class INTERLOCK_CAPABILITY("shared_mutex") shared_mutex : public detail::shared_mutex_twin<std::shared_mutex> {
    using shared_twin::shared_twin;
};
class INTERLOCK_CAPABILITY("shared_mutex") shared_timed_mutex
    : public detail::shared_timed_mutex_twin<std::shared_timed_mutex> {
    using shared_timed_mutex_twin::shared_timed_mutex_twin;
};
static_assert(detail::costs_the_same<shared_mutex, std::shared_mutex>);
static_assert(detail::costs_the_same<shared_timed_mutex, std::shared_timed_mutex>);

#endif

/// A shared mutex of a chosen preference. Blocking, owned by the thread that locked it, recursive in no mode: with `writers` and `nobody` a reader that
/// locks again behind a queued writer blocks for ever, which is reported.
/// Cost: two short latched sections an operation, more than std::shared_mutex; a waiter is woken once, when the lock is its own.
template <preference Policy>
class INTERLOCK_CAPABILITY("shared_mutex") preferring_shared_mutex {
public:
    constexpr preferring_shared_mutex() noexcept : preferring_shared_mutex(label{}) {}
    constexpr explicit preferring_shared_mutex(label what) noexcept : record_{type, what} {}
    ~preferring_shared_mutex() {
        record_.end(line_.is_busy(false));
        tools::gone(use(0));
    }
    preferring_shared_mutex(const preferring_shared_mutex&) = delete;
    preferring_shared_mutex& operator=(const preferring_shared_mutex&) = delete;
    void set_label(label what) noexcept { record_.set_label(what); }

    void lock() noexcept INTERLOCK_ACQUIRE() { acquire(0); }
    bool try_lock() noexcept INTERLOCK_TRY_ACQUIRE(true) { return try_acquire(0); }
    void unlock() noexcept INTERLOCK_RELEASE() { release(0); }
    void lock_shared() noexcept INTERLOCK_ACQUIRE_SHARED() { acquire(interlock_shared); }
    bool try_lock_shared() noexcept INTERLOCK_TRY_ACQUIRE_SHARED(true) { return try_acquire(interlock_shared); }
    void unlock_shared() noexcept INTERLOCK_RELEASE_SHARED() { release(interlock_shared); }

    template <typename Rep, typename Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& wait_max) INTERLOCK_TRY_ACQUIRE(true) {
        return acquire_before(0, futex::after(wait_max));
    }
    template <typename Clock, typename Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& until) INTERLOCK_TRY_ACQUIRE(true) {
        return futex::before(until, [this](const futex::deadline& end) { return acquire_before(0, end); });
    }
    template <typename Rep, typename Period>
    bool try_lock_shared_for(const std::chrono::duration<Rep, Period>& wait_max) INTERLOCK_TRY_ACQUIRE_SHARED(true) {
        return acquire_before(interlock_shared, futex::after(wait_max));
    }
    template <typename Clock, typename Duration>
    bool try_lock_shared_until(const std::chrono::time_point<Clock, Duration>& until)
        INTERLOCK_TRY_ACQUIRE_SHARED(true) {
        return futex::before(until,
                             [this](const futex::deadline& end) { return acquire_before(interlock_shared, end); });
    }

    /// Precondition: held shared by the caller, once. Blocks until all other readers have left, then it is held exclusively; nobody has written in
    /// between. Throws std::system_error (resource_deadlock_would_occur), the shared hold unchanged, where another reader is
    /// upgrading: each would wait for the other.
    void upgrade() INTERLOCK_RELEASE_SHARED() INTERLOCK_ACQUIRE() {
        if (!upgrade(true)) throw std::system_error(std::make_error_code(std::errc::resource_deadlock_would_occur));
    }
    /// The same without blocking. False: there are other readers; the shared hold is unchanged.
    bool try_upgrade() noexcept { return upgrade(false); }
    /// Precondition: held exclusively by the caller. Afterwards it is held shared; nobody has written in between.
    void downgrade() noexcept INTERLOCK_RELEASE() INTERLOCK_ACQUIRE_SHARED() {
        record_.release(0, true, [&] { return tools::release(use(0), [] { return 0; }); });
        record_.acquire(interlock_shared | interlock_attempt, [&] {
            return tools::acquire(use(interlock_shared), [this] {
                line_.downgrade();
                return 0;
            });
        });
    }

    /// How long the side that is not preferred was kept waiting, in entries of others.
    waiting_statistics statistics() const noexcept { return line_.statistics(); }

private:
    static constexpr interlock_type type = Policy == preference::readers   ? interlock_shared_mutex
                                           : Policy == preference::writers ? interlock_shared_mutex_writer_priority
                                                                           : interlock_shared_mutex_fair;

    void acquire(std::uint8_t mode) noexcept {
        run(with_look(mode), [&] { return line_.acquire(is_shared(mode)) ? 0 : EINVAL; });
    }
    bool try_acquire(std::uint8_t mode) noexcept {
        return run(static_cast<std::uint8_t>(mode | interlock_attempt),
                   [&] { return line_.try_acquire(is_shared(mode)) ? 0 : EBUSY; }) == 0;
    }
    bool acquire_before(std::uint8_t mode, const futex::deadline& end) noexcept {
        return run(static_cast<std::uint8_t>(with_look(mode) | interlock_timed),
                   [&] { return line_.acquire(is_shared(mode), &end) ? 0 : ETIMEDOUT; }) == 0;
    }
    void release(std::uint8_t mode) noexcept {
        record_.release(mode, true, [&] {
            return tools::release(use(mode), [&] {
                line_.release(is_shared(mode));
                return 0;
            });
        });
    }
    /// The shared hold stays in the recorder's book while the exclusive one is requested: that is what makes two upgrades a deadlock.
    bool upgrade(bool may_wait) {
        using result = waiting_line::upgrade_result;
        result got = result::refused;
        const auto attempt = [&] {
            got = line_.upgrade(may_wait);
            return got == result::done ? 0 : got == result::refused && may_wait ? EDEADLK : EBUSY;
        };
#if INTERLOCK_RECORDS
        const bool told = may_wait && interlock_v1_upgrade_request(record_.object());
        const int error = attempt();
        if (told && error != 0) interlock_v1_not_acquired(record_.object(), 0, error);
        if (error == 0) interlock_v1_upgraded(record_.object());
#else
        const int error = attempt();
#endif
        if (error == 0) {
            tools::release(use(interlock_shared), [] { return 0; });
            tools::acquire(use(0), [] { return 0; });
        }
        return error == 0;
    }

    template <typename Acquire>
    int run(std::uint8_t flags, Acquire acquire) {
        return record_.acquire(flags, [&] { return tools::acquire(use(flags), acquire); });
    }
    static bool is_shared(std::uint8_t mode) noexcept { return (mode & interlock_shared) != 0; }
    std::uint8_t with_look(std::uint8_t mode) const noexcept {
        if constexpr (INTERLOCK_RECORDS != 0)
            if (line_.is_busy(is_shared(mode))) return static_cast<std::uint8_t>(mode | interlock_contended);
        return mode;
    }
    tools::lock_use use(std::uint8_t flags) const noexcept {
        return {this, sizeof *this, is_shared(flags), (flags & (interlock_attempt | interlock_timed)) != 0, false};
    }

    [[no_unique_address]] detail::record record_;
    waiting_line line_{Policy};
};

using reader_preferring_mutex = preferring_shared_mutex<preference::readers>;
using writer_preferring_mutex = preferring_shared_mutex<preference::writers>;
using fair_shared_mutex = preferring_shared_mutex<preference::nobody>;

}  // namespace interlock::inline INTERLOCK_MODE
