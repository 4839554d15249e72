// Condition variables: std's, with names. Recording tells waits and notifications; off, they hand on to std's.
//
// With INTERLOCK_OPTIONS=spurious_wakeups=1 every other wait(lock) of a thread returns at once, its mutex not even released, as std allows at
// any time: whoever then releases the mutex without waiting again trusts a wake-up instead of its predicate, and is reported
// (wait-without-loop). Waits with a predicate or a time are left alone.
// Also reported: waits of one condition with two mutexes (condition-two-mutexes).
#pragma once

#include <interlock/detail/this_thread.hpp>
#include <interlock/mutex.hpp>

#include <chrono>
#include <condition_variable>
#include <stop_token>
#include <utility>

#if INTERLOCK_RECORDS
#include <memory>
#endif

namespace interlock::inline INTERLOCK_MODE {

using std::cv_status;

namespace detail {

/// The waits with a predicate, from those without. `Waits` has wait_once(lock) and wait_until(lock, time).
template <typename Waits>
class predicate_waits {
public:
    template <typename Lock, typename Predicate>
    void wait(Lock& lock, Predicate predicate) {
        while (!predicate()) self().wait_once(lock);
    }
    template <typename Lock, typename Rep, typename Period>
    cv_status wait_for(Lock& lock, const std::chrono::duration<Rep, Period>& wait_max) {
        return self().wait_until(lock, end_of(wait_max));
    }
    template <typename Lock, typename Clock, typename Duration, typename Predicate>
    bool wait_until(Lock& lock, const std::chrono::time_point<Clock, Duration>& until, Predicate predicate) {
        while (!predicate())
            if (self().wait_until(lock, until) == cv_status::timeout) return predicate();
        return true;
    }
    template <typename Lock, typename Rep, typename Period, typename Predicate>
    bool wait_for(Lock& lock, const std::chrono::duration<Rep, Period>& wait_max, Predicate predicate) {
        return wait_until(lock, end_of(wait_max), std::move(predicate));
    }

private:
    template <typename Rep, typename Period>
    static std::chrono::steady_clock::time_point end_of(const std::chrono::duration<Rep, Period>& wait_max) {
        using namespace std::chrono;
        const auto now = steady_clock::now();
        constexpr duration<double> far = hours(24 * 365 * 100);
        if (duration<double>(wait_max) > far) return now + hours(24 * 365 * 100);
        return now + ceil<steady_clock::duration>(wait_max);
    }
    Waits& self() noexcept { return static_cast<Waits&>(*this); }
};

}  // namespace detail

#if INTERLOCK_RECORDS

/// As std::condition_variable, for interlock::mutex. Preconditions: the lock is held by the caller, and all who wait at one time use one mutex.
/// A wait is a cancellation point and may return without any notification.
class condition_variable : public detail::predicate_waits<condition_variable> {
public:
    using native_handle_type = pthread_cond_t*;

    constexpr condition_variable() noexcept : condition_variable(label{}) {}
    constexpr explicit condition_variable(label what) noexcept : record_{interlock_condition, what} {}
    ~condition_variable() {
        record_.end();
        interlock_v1_condition_destroy(&condition_);
    }
    condition_variable(const condition_variable&) = delete;
    condition_variable& operator=(const condition_variable&) = delete;
    native_handle_type native_handle() noexcept { return &condition_; }
    void set_label(label what) noexcept { record_.set_label(what); }

    void notify_one() noexcept {
        tools::happens_before(this);
        interlock_v1_condition_notify(record_.object(), &condition_, false);
    }
    void notify_all() noexcept {
        tools::happens_before(this);
        interlock_v1_condition_notify(record_.object(), &condition_, true);
    }

    using predicate_waits::wait;
    using predicate_waits::wait_for;
    using predicate_waits::wait_until;

    void wait(std::unique_lock<mutex>& lock) {
        if (!interlock_v1_condition_wakes_spuriously(record_.object(), lock.mutex()->native_handle())) wait_once(lock);
    }
    template <typename Clock, typename Duration>
    cv_status wait_until(std::unique_lock<mutex>& lock, const std::chrono::time_point<Clock, Duration>& until) {
        // One attempt: a time of a clock of the user's is asked for again below.
        const futex::deadline end = deadline_of(until);
        if (wait_before(lock, &end) != ETIMEDOUT) return cv_status::no_timeout;
        return Clock::now() < until ? cv_status::no_timeout : cv_status::timeout;
    }

private:
    friend predicate_waits;
    void wait_once(std::unique_lock<mutex>& lock) { wait_before(lock, nullptr); }

    template <typename Clock, typename Duration>
    static futex::deadline deadline_of(const std::chrono::time_point<Clock, Duration>& until) {
        futex::deadline end{};
        futex::before(until, [&](const futex::deadline& one) {
            end = one;
            return true;
        });
        return end;
    }
    int wait_before(std::unique_lock<mutex>& lock, const futex::deadline* end) {
        mutex& held = *lock.mutex();
        const tools::lock_use use{&held, 0, false, false, false};
        int result = 0;
        tools::release(use, [] { return 0; });
        result = interlock_v1_condition_wait(record_.object(), &condition_, held.native_handle(),
                                             end == nullptr ? CLOCK_MONOTONIC : end->clock,
                                             end == nullptr ? nullptr : &end->at);
        tools::acquire(use, [] { return 0; });
        tools::happens_after(this);
        return result;
    }

    detail::record record_;
    pthread_cond_t condition_ = PTHREAD_COND_INITIALIZER;
};

/// As std::condition_variable_any: waits with any lock that has lock() and unlock(), and until a stop is requested.
class condition_variable_any : public detail::predicate_waits<condition_variable_any> {
public:
    condition_variable_any() : condition_variable_any(label{}) {}
    explicit condition_variable_any(label what) : inner_{std::make_shared<inner>(what)} {}
    condition_variable_any(const condition_variable_any&) = delete;
    condition_variable_any& operator=(const condition_variable_any&) = delete;
    void set_label(label what) noexcept { inner_->record_.set_label(what); }

    void notify_one() noexcept { inner_->notify(false); }
    void notify_all() noexcept { inner_->notify(true); }

    using predicate_waits::wait;
    using predicate_waits::wait_for;
    using predicate_waits::wait_until;

    template <typename Lock>
    void wait(Lock& lock) {
        if (!interlock_v1_condition_wakes_spuriously(inner_->record_.object(), nullptr)) wait_once(lock);
    }
    template <typename Lock, typename Clock, typename Duration>
    cv_status wait_until(Lock& lock, const std::chrono::time_point<Clock, Duration>& until) {
        futex::deadline end{};
        futex::before(until, [&](const futex::deadline& one) {
            end = one;
            return true;
        });
        if (!wait_before(lock, &end)) return cv_status::no_timeout;
        return Clock::now() < until ? cv_status::no_timeout : cv_status::timeout;
    }

    /// Until the predicate holds or a stop is requested; returns the predicate.
    template <typename Lock, typename Predicate>
    bool wait(Lock& lock, std::stop_token token, Predicate predicate) {
        const waking wake{*this, token};
        while (!token.stop_requested()) {
            if (predicate()) return true;
            wait_unless_stopped(lock, token, nullptr);
        }
        return predicate();
    }
    template <typename Lock, typename Clock, typename Duration, typename Predicate>
    bool wait_until(Lock& lock, std::stop_token token, const std::chrono::time_point<Clock, Duration>& until,
                    Predicate predicate) {
        const waking wake{*this, token};
        while (!token.stop_requested()) {
            if (predicate()) return true;
            bool timed_out = false;
            futex::before(until, [&](const futex::deadline& end) {
                timed_out = wait_unless_stopped(lock, token, &end);
                return true;
            });
            if (timed_out && Clock::now() >= until) break;
        }
        return predicate();
    }
    template <typename Lock, typename Rep, typename Period, typename Predicate>
    bool wait_for(Lock& lock, std::stop_token token, const std::chrono::duration<Rep, Period>& wait_max,
                  Predicate predicate) {
        return wait_until(lock, std::move(token), std::chrono::steady_clock::now() + wait_max, std::move(predicate));
    }

private:
    friend predicate_waits;
    template <typename Lock>
    void wait_once(Lock& lock) {
        wait_before(lock, nullptr);
    }

    /// Outlives the condition while somebody is on the way out of a wait. Its mutex is unknown to the recorder: it is held for
    /// a few instructions and wants nothing.
    struct inner {
        explicit inner(label what) noexcept : record_{interlock_condition, what} {}
        ~inner() {
            record_.end();
            interlock_v1_condition_destroy(&condition_);
        }
        inner(const inner&) = delete;
        inner& operator=(const inner&) = delete;
        void notify(bool all) noexcept {
            interlock_v1_mutex_lock(&mutex_);
            tools::happens_before(this);
            interlock_v1_condition_notify(record_.object(), &condition_, all);
            interlock_v1_mutex_unlock(&mutex_);
        }

        detail::record record_;
        pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
        pthread_cond_t condition_ = PTHREAD_COND_INITIALIZER;
    };

    /// Releases a lock for as long as it lives; acquires it again whatever happens.
    template <typename Lock>
    struct released {
        explicit released(Lock& lock) : lock_{lock} { lock_.unlock(); }
        ~released() { lock_.lock(); }
        released(const released&) = delete;
        released& operator=(const released&) = delete;
        Lock& lock_;
    };

    struct notifier {
        condition_variable_any& of;
        void operator()() const noexcept { of.notify_all(); }
    };
    struct waking {
        waking(condition_variable_any& of, const std::stop_token& token) : callback{token, notifier{of}} {}
        std::stop_callback<notifier> callback;
    };

    /// True: the time is over.
    template <typename Lock>
    bool wait_before(Lock& lock, const futex::deadline* end) {
        return wait_checked(lock, end, [] { return false; });
    }
    template <typename Lock>
    bool wait_unless_stopped(Lock& lock, const std::stop_token& token, const futex::deadline* end) {
        return wait_checked(lock, end, [&] { return token.stop_requested(); });
    }
    /// `over()` is asked under the inner mutex, which every notification needs: none is lost.
    template <typename Lock, typename Over>
    bool wait_checked(Lock& lock, const futex::deadline* end, Over over) {
        const std::shared_ptr<inner> kept = inner_;
        struct unlocks {
            pthread_mutex_t* mutex;
            ~unlocks() { interlock_v1_mutex_unlock(mutex); }
        };
        interlock_v1_mutex_lock(&kept->mutex_);
        int result = 0;
        {
            const released<Lock> outside(lock);
            const unlocks inside{&kept->mutex_};  // however it ends: a cancelled thread has the mutex again
            if (!over())
                result = interlock_v1_condition_wait_any(kept->record_.object(), &kept->condition_, &kept->mutex_,
                                                         end == nullptr ? CLOCK_MONOTONIC : end->clock,
                                                         end == nullptr ? nullptr : &end->at);
        }
        tools::happens_after(kept.get());
        return result == ETIMEDOUT;
    }

    std::shared_ptr<inner> inner_;
};

#else

/// std::condition_variable under unique_lock<interlock::mutex>, which is a std::mutex.
class condition_variable : public detail::std_twin<std::condition_variable>,
                           public detail::predicate_waits<condition_variable> {
    using std_waits = std::condition_variable;
    using own_waits = detail::predicate_waits<condition_variable>;

    class borrowed {
    public:
        explicit borrowed(std::unique_lock<mutex>& lock) : lock_(*lock.mutex(), std::adopt_lock) {}
        ~borrowed() { lock_.release(); }
        borrowed(const borrowed&) = delete;
        borrowed& operator=(const borrowed&) = delete;
        std::unique_lock<std::mutex>& get() noexcept { return lock_; }

    private:
        std::unique_lock<std::mutex> lock_;
    };

public:
    using own_waits::wait;
    using own_waits::wait_for;
    using own_waits::wait_until;
    using std_twin::std_twin;

    void wait(std::unique_lock<mutex>& lock) { wait_once(lock); }
    template <typename Clock, typename Duration>
    cv_status wait_until(std::unique_lock<mutex>& lock, const std::chrono::time_point<Clock, Duration>& until) {
        return std_waits::wait_until(borrowed(lock).get(), until);
    }

private:
    friend own_waits;
    /// What std's does in its library.
    void wait_once(std::unique_lock<mutex>& lock) { pthread_cond_wait(native_handle(), lock.mutex()->native_handle()); }
};
class condition_variable_any : public std::condition_variable_any {
public:
    condition_variable_any() = default;
    explicit condition_variable_any(label) {}
    void set_label(label) noexcept {}
};
static_assert(sizeof(condition_variable) == sizeof(std::condition_variable));
static_assert(detail::costs_the_same<condition_variable_any, std::condition_variable_any>);

#endif

/// As std::notify_all_at_thread_exit. Precondition: the lock is held by this thread. The mutex is released and the condition notified when
/// the thread's thread-local objects have been destroyed.
inline void notify_all_at_thread_exit(condition_variable& condition, std::unique_lock<mutex> lock) {
#if INTERLOCK_RECORDS
    struct at_exit {
        condition_variable* condition;
        std::unique_lock<mutex> lock;
    };
    interlock::blocks::at_thread_exit(
        [](void* what) noexcept {
            const std::unique_ptr<at_exit> one(static_cast<at_exit*>(what));
            one->lock.unlock();
            one->condition->notify_all();
        },
        new at_exit{&condition, std::move(lock)});
#else
    std::notify_all_at_thread_exit(condition, std::unique_lock<std::mutex>(*lock.release(), std::adopt_lock));
#endif
}

}  // namespace interlock::inline INTERLOCK_MODE
