// A pthread mutex that tells the recorder itself: locked by libc's own functions, never by the interposed ones.
#pragma once

#include <interlock/detail/deadline.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/detail/tools.hpp>

#include <pthread.h>

#include <cerrno>
#include <system_error>

namespace interlock::inline INTERLOCK_MODE::detail {

/// What all mutexes have in common. `Type` says what they are to the recorder; the recursive ones are so to libc too.
template <interlock_type Type>
class native_mutex {
public:
    using native_handle_type = pthread_mutex_t*;

    constexpr native_mutex() noexcept : native_mutex(label{}) {}
    constexpr explicit native_mutex(label what) noexcept : record_{Type, what, 0, true} { record_.begin(); }
    ~native_mutex() {
        record_.end(is_busy());
        tools::gone(use(0));
        // Else it takes whatever comes to lie here for this mutex.
        if (__builtin_expect(tools::on_valgrind, 0)) tools::valgrind_mutex_gone(&mutex_);
    }
    native_mutex(const native_mutex&) = delete;
    native_mutex& operator=(const native_mutex&) = delete;

    /// The mutex inside: what is done to it by pthread functions is the same lock's doing.
    native_handle_type native_handle() noexcept { return &mutex_; }
    void set_label(label what) noexcept { record_.set_label(what); }

protected:
    __attribute__((always_inline)) void acquire_or_throw() {
        const std::uintptr_t site = fast_path::here();
        if (__builtin_expect(is_busy(), 0) || __builtin_expect(try_at_once() != 0, 0))
            wait_or_throw(site);
        else
            fast_path::granted(record_.object(), 0, site);
    }
    __attribute__((always_inline)) bool try_acquire() noexcept {
        return run(interlock_attempt, [this] { return interlock_v1_mutex_trylock(&mutex_); }) == 0;
    }
    bool acquire_before(const futex::deadline& end) {
        return run(static_cast<std::uint8_t>(interlock_timed | busy_flag()),
                   [&] { return interlock_v1_mutex_clocklock(&mutex_, end.clock, &end.at); }) == 0;
    }
    __attribute__((always_inline)) void release() noexcept {
        record_.release(0, !is_recursive, [this] {
            return tools::release(use(0), [this] { return interlock_v1_mutex_unlock(&mutex_); });
        });
    }

private:
    __attribute__((always_inline)) int try_at_once() {
        return tools::acquire(use(0), [this] { return interlock_v1_mutex_trylock(&mutex_); });
    }
    /// Not inlined, so that what asks for it may be.
    __attribute__((noinline)) void wait_or_throw(std::uintptr_t site) {
        const auto* const frame = static_cast<fast_path::frame_record>(__builtin_frame_address(0));
        const int error = record_.acquire_for(fast_path::caller_of(frame, site), interlock_contended, [this] {
            return tools::acquire(use(0), [this] { return interlock_v1_mutex_lock(&mutex_); });
        });
        if (error != 0) std::__throw_system_error(error);
    }

    static constexpr bool is_recursive = Type == interlock_recursive_mutex;

    template <typename Acquire>
    __attribute__((always_inline)) int run(std::uint8_t flags, Acquire acquire) {
        return record_.acquire(flags, [&] { return tools::acquire(use(flags), acquire); });
    }
    tools::lock_use use(std::uint8_t flags) const noexcept {
        return {this, 0, false, (flags & (interlock_attempt | interlock_timed)) != 0, is_recursive};
    }
    bool is_busy() const noexcept { return __atomic_load_n(&mutex_.__data.__lock, __ATOMIC_RELAXED) != 0; }
    std::uint8_t busy_flag() const noexcept { return is_busy() ? std::uint8_t{interlock_contended} : std::uint8_t{0}; }

    // In this order: the recorder finds the mutex behind its object.
    record record_;
    pthread_mutex_t mutex_ = is_recursive ? pthread_mutex_t PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP
                                          : pthread_mutex_t PTHREAD_MUTEX_INITIALIZER;
};

/// Adds what the timed mutexes have more.
template <interlock_type Type>
class timed_native_mutex : public native_mutex<Type> {
public:
    using native_mutex<Type>::native_mutex;

    template <typename Rep, typename Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& wait_max) INTERLOCK_TRY_ACQUIRE(true) {
        return this->acquire_before(futex::after(wait_max));
    }
    template <typename Clock, typename Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& until) INTERLOCK_TRY_ACQUIRE(true) {
        return futex::before(until, [this](const futex::deadline& end) { return this->acquire_before(end); });
    }
};

}  // namespace interlock::inline INTERLOCK_MODE::detail
