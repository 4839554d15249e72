// A pthread read-write lock that tells the recorder itself, by libc's own functions.
#pragma once

#include <interlock/detail/deadline.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/detail/tools.hpp>

#include <pthread.h>

#include <cerrno>
#include <system_error>

namespace interlock::inline INTERLOCK_MODE::detail {

class native_shared_mutex {
public:
    using native_handle_type = pthread_rwlock_t*;

    constexpr native_shared_mutex() noexcept : native_shared_mutex(label{}) {}
    constexpr explicit native_shared_mutex(label what) noexcept : record_{interlock_shared_mutex, what} {}
    ~native_shared_mutex() {
        record_.end(is_busy());
        tools::gone(use(0));
        // Else it takes whatever comes to lie here for this lock.
        if (__builtin_expect(tools::on_valgrind, 0)) tools::valgrind_gone(&lock_, sizeof lock_);
    }
    native_shared_mutex(const native_shared_mutex&) = delete;
    native_shared_mutex& operator=(const native_shared_mutex&) = delete;

    /// The lock inside. What pthread functions do to it goes unrecorded.
    native_handle_type native_handle() noexcept { return &lock_; }
    void set_label(label what) noexcept { record_.set_label(what); }

protected:
    /// Throws std::system_error: EDEADLK where the caller holds it exclusively, EAGAIN where there are too many readers.
    __attribute__((always_inline)) void acquire(std::uint8_t mode) {
        const bool shared = (mode & interlock_shared) != 0;
        const int error = record_.acquire(
            mode,
            [&] {
                if ((with_look(mode) & interlock_contended) != 0) return EBUSY;
                return tools::acquire(use(mode), [&] {
                    return shared ? interlock_v1_rwlock_tryrdlock(&lock_) : interlock_v1_rwlock_trywrlock(&lock_);
                });
            },
            [&] {
                return tools::acquire(use(mode), [&] {
                    return shared ? interlock_v1_rwlock_rdlock(&lock_) : interlock_v1_rwlock_wrlock(&lock_);
                });
            });
        if (__builtin_expect(error != 0, 0)) std::__throw_system_error(error);
    }
    bool try_acquire(std::uint8_t mode) noexcept {
        const bool shared = (mode & interlock_shared) != 0;
        return run(static_cast<std::uint8_t>(mode | interlock_attempt), [&] {
                   return shared ? interlock_v1_rwlock_tryrdlock(&lock_) : interlock_v1_rwlock_trywrlock(&lock_);
               }) == 0;
    }
    bool acquire_before(std::uint8_t mode, const futex::deadline& end) {
        const bool shared = (mode & interlock_shared) != 0;
        return run(static_cast<std::uint8_t>(with_look(mode) | interlock_timed), [&] {
                   return shared ? interlock_v1_rwlock_clockrdlock(&lock_, end.clock, &end.at)
                                 : interlock_v1_rwlock_clockwrlock(&lock_, end.clock, &end.at);
               }) == 0;
    }
    __attribute__((always_inline)) void release(std::uint8_t mode) noexcept {
        record_.release(mode, true, [&] {
            return tools::release(use(mode), [this] { return interlock_v1_rwlock_unlock(&lock_); });
        });
    }

private:
    template <typename Acquire>
    int run(std::uint8_t flags, Acquire acquire) {
        return record_.acquire(flags, [&] { return tools::acquire(use(flags), acquire); });
    }
    tools::lock_use use(std::uint8_t flags) const noexcept {
        return {this, sizeof *this, (flags & interlock_shared) != 0,
                (flags & (interlock_attempt | interlock_timed)) != 0, false};
    }
    bool is_busy() const noexcept {
        return __atomic_load_n(&lock_.__data.__readers, __ATOMIC_RELAXED) >> 3 != 0 ||
               __atomic_load_n(&lock_.__data.__cur_writer, __ATOMIC_RELAXED) != 0;
    }
    std::uint8_t with_look(std::uint8_t mode) const noexcept {
        const bool busy = (mode & interlock_shared) != 0
                              ? __atomic_load_n(&lock_.__data.__cur_writer, __ATOMIC_RELAXED) != 0
                              : is_busy();
        return busy ? static_cast<std::uint8_t>(mode | interlock_contended) : mode;
    }

    record record_;
    pthread_rwlock_t lock_ = PTHREAD_RWLOCK_INITIALIZER;
};

}  // namespace interlock::inline INTERLOCK_MODE::detail
