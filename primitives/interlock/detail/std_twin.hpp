// Recording off: a std type that takes a label and forgets it.
#pragma once

#include <interlock/config.hpp>
#include <interlock/label.hpp>

#include <chrono>
#include <type_traits>
#include <utility>

namespace interlock::inline INTERLOCK_MODE::detail {

template <typename Std>
class std_twin : public Std {
public:
    constexpr std_twin() noexcept = default;
    constexpr explicit std_twin(label) noexcept {}
    void set_label(label) noexcept {}
};

/// Lockable types of std, told to clang's thread-safety analysis, which does not know libstdc++'s.
template <typename Std>
class mutex_twin : public std_twin<Std> {
public:
    using std_twin<Std>::std_twin;
    void lock() INTERLOCK_ACQUIRE() { Std::lock(); }
    bool try_lock() noexcept(noexcept(std::declval<Std&>().try_lock())) INTERLOCK_TRY_ACQUIRE(true) {
        return Std::try_lock();
    }
    void unlock() noexcept(noexcept(std::declval<Std&>().unlock())) INTERLOCK_RELEASE() { Std::unlock(); }
};
template <typename Std>
class timed_mutex_twin : public mutex_twin<Std> {
public:
    using mutex_twin<Std>::mutex_twin;
    template <typename Rep, typename Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& wait_max) INTERLOCK_TRY_ACQUIRE(true) {
        return Std::try_lock_for(wait_max);
    }
    template <typename Clock, typename Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& until) INTERLOCK_TRY_ACQUIRE(true) {
        return Std::try_lock_until(until);
    }
};
template <typename Base, typename Std>
class shared_twin : public Base {
public:
    using Base::Base;
    void lock_shared() INTERLOCK_ACQUIRE_SHARED() { Std::lock_shared(); }
    bool try_lock_shared() INTERLOCK_TRY_ACQUIRE_SHARED(true) { return Std::try_lock_shared(); }
    void unlock_shared() INTERLOCK_RELEASE_SHARED() { Std::unlock_shared(); }
};
template <typename Std>
using shared_mutex_twin = shared_twin<mutex_twin<Std>, Std>;
template <typename Std>
class shared_timed_mutex_twin : public shared_twin<timed_mutex_twin<Std>, Std> {
public:
    using shared_twin<timed_mutex_twin<Std>, Std>::shared_twin;
    template <typename Rep, typename Period>
    bool try_lock_shared_for(const std::chrono::duration<Rep, Period>& wait_max) INTERLOCK_TRY_ACQUIRE_SHARED(true) {
        return Std::try_lock_shared_for(wait_max);
    }
    template <typename Clock, typename Duration>
    bool try_lock_shared_until(const std::chrono::time_point<Clock, Duration>& until)
        INTERLOCK_TRY_ACQUIRE_SHARED(true) {
        return Std::try_lock_shared_until(until);
    }
};

/// Same size, same alignment, nothing more to do at its end.
template <typename Ours, typename Std>
inline constexpr bool costs_the_same =
    // NOLINTNEXTLINE(misc-redundant-expression): two types, until it is told them
    sizeof(Ours) == sizeof(Std) &&
    alignof(Ours) == alignof(Std) && std::is_trivially_destructible_v<Ours> == std::is_trivially_destructible_v<Std>;

}  // namespace interlock::inline INTERLOCK_MODE::detail
