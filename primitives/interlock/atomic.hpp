// interlock::atomic<T>: std's, with a name. Recording tells each operation with its memory order after it was done, at level full, and who
// waits. The operations are std's, so what orders them for the compiler's race detection is what the program says. Off, it is std's own.
#pragma once

#include <interlock/config.hpp>
#include <interlock/label.hpp>

#include <atomic>

#if INTERLOCK_RECORDS
#include <interlock/detail/futex.hpp>
#include <interlock/detail/record.hpp>
#endif

namespace interlock::inline INTERLOCK_MODE {

#if INTERLOCK_RECORDS

namespace detail {

constexpr std::memory_order failure_order(std::memory_order success) noexcept {
    return success == std::memory_order_acq_rel   ? std::memory_order_acquire
           : success == std::memory_order_release ? std::memory_order_relaxed
                                                  : success;
}

/// A value that has this operation of std::atomic.
template <typename T>
concept adds = requires(std::atomic<T>& of) {
    of.fetch_add(1);
};
template <typename T>
concept combines = requires(std::atomic<T>& of, T value) {
    of.fetch_and(value);
};

}  // namespace detail

/// As std::atomic. Blocking: wait() alone, in the kernel. Cost when recorded: a record of 16 bytes an operation at level full.
template <typename T>
class atomic {
    using order = std::memory_order;
    static constexpr order seq_cst = std::memory_order_seq_cst;

public:
    using value_type = T;
    static constexpr bool is_always_lock_free = std::atomic<T>::is_always_lock_free;

    constexpr atomic() noexcept(std::is_nothrow_default_constructible_v<T>) : atomic(T()) {}
    constexpr atomic(T value) noexcept : atomic(value, label{}) {}
    constexpr atomic(T value, label what) noexcept : value_(value), record_{interlock_variable, what} {}
    ~atomic() { record_.end(); }
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;

    bool is_lock_free() const noexcept { return value_.is_lock_free(); }
    void set_label(label what) noexcept { record_.set_label(what); }

    T load(order how = seq_cst) const noexcept {
        const T seen = value_.load(how);
        tell(interlock_atomic_load, how);
        return seen;
    }
    operator T() const noexcept { return load(); }
    void store(T value, order how = seq_cst) noexcept {
        value_.store(value, how);
        tell(interlock_atomic_store, how);
    }
    // NOLINTNEXTLINE(misc-unconventional-assign-operator): as std::atomic
    T operator=(T value) noexcept {
        store(value);
        return value;
    }
    T exchange(T value, order how = seq_cst) noexcept {
        return updated(how, [&] { return value_.exchange(value, how); });
    }

    bool compare_exchange_weak(T& expected, T desired, order success, order failure) noexcept {
        return compared(success, failure,
                        [&] { return value_.compare_exchange_weak(expected, desired, success, failure); });
    }
    bool compare_exchange_weak(T& expected, T desired, order how = seq_cst) noexcept {
        return compare_exchange_weak(expected, desired, how, detail::failure_order(how));
    }
    bool compare_exchange_strong(T& expected, T desired, order success, order failure) noexcept {
        return compared(success, failure,
                        [&] { return value_.compare_exchange_strong(expected, desired, success, failure); });
    }
    bool compare_exchange_strong(T& expected, T desired, order how = seq_cst) noexcept {
        return compare_exchange_strong(expected, desired, how, detail::failure_order(how));
    }

    template <typename Operand>
    requires detail::adds<T> T fetch_add(Operand value, order how = seq_cst)
    noexcept {
        return updated(how, [&] { return value_.fetch_add(value, how); });
    }
    template <typename Operand>
    requires detail::adds<T> T fetch_sub(Operand value, order how = seq_cst)
    noexcept {
        return updated(how, [&] { return value_.fetch_sub(value, how); });
    }
    T fetch_and(T value, order how = seq_cst) noexcept requires detail::combines<T> {
        return updated(how, [&] { return value_.fetch_and(value, how); });
    }
    T fetch_or(T value, order how = seq_cst) noexcept requires detail::combines<T> {
        return updated(how, [&] { return value_.fetch_or(value, how); });
    }
    T fetch_xor(T value, order how = seq_cst) noexcept requires detail::combines<T> {
        return updated(how, [&] { return value_.fetch_xor(value, how); });
    }
    template <typename Operand>
    requires detail::adds<T> T operator+=(Operand value) noexcept {
        return updated(seq_cst, [&] { return value_ += value; });
    }
    template <typename Operand>
    requires detail::adds<T> T operator-=(Operand value) noexcept {
        return updated(seq_cst, [&] { return value_ -= value; });
    }
    T operator&=(T value) noexcept requires detail::combines<T> { return static_cast<T>(fetch_and(value) & value); }
    T operator|=(T value) noexcept requires detail::combines<T> { return static_cast<T>(fetch_or(value) | value); }
    T operator^=(T value) noexcept requires detail::combines<T> { return static_cast<T>(fetch_xor(value) ^ value); }
    T operator++() noexcept requires detail::adds<T> { return *this += 1; }
    T operator--() noexcept requires detail::adds<T> { return *this -= 1; }
    T operator++(int) noexcept requires detail::adds<T> { return fetch_add(1); }
    T operator--(int) noexcept requires detail::adds<T> { return fetch_sub(1); }

    /// Blocks while the value is `old`, bit by bit, until a notification.
    void wait(T old, order how = seq_cst) const noexcept {
        for (;;) {
            // Both change waiters_: either the waiter comes later, and sees the new value, or the notifier sees the waiter.
            waiters_.fetch_add(1);
            const std::uint32_t seen = notifications_.load();
            T now = load(how);
            const bool same = __builtin_memcmp(&now, &old, sizeof(T)) == 0;
            if (same) record_.wait(interlock_event_wait, 0, [&] { return futex::wait(notifications_, seen); });
            waiters_.fetch_sub(1);
            if (!same) return;
        }
    }
    void notify_one() noexcept { notify_all(); }
    void notify_all() noexcept {
        // A change, not a look: the store before it may be relaxed, and no later look at waiters_ passes a change of it.
        if (waiters_.fetch_add(0) == 0) return;
        notifications_.fetch_add(1);
        futex::wake_all(notifications_);
    }

private:
    __attribute__((always_inline)) void tell(interlock_step what, order how) const noexcept {
        interlock_v1_atomic(record_.object(), what, static_cast<std::uint8_t>(how), size_told);
    }
    template <typename Update>
    T updated(order how, Update update) noexcept {
        const T seen = update();
        tell(interlock_atomic_update, how);
        return seen;
    }
    template <typename Compare>
    bool compared(order success, order failure, Compare compare) noexcept {
        const bool done = compare();
        tell(done ? interlock_atomic_update : interlock_atomic_load, done ? success : failure);
        return done;
    }

    static constexpr std::uint8_t size_told = sizeof(T) < 16 ? sizeof(T) : 0;  // four bits; 0: more than 15 bytes

    std::atomic<T> value_;
    mutable futex::word notifications_{0};
    mutable std::atomic<std::uint32_t> waiters_{0};
    mutable detail::record record_;
};

/// As std::atomic_thread_fence.
inline void atomic_thread_fence(std::memory_order how) noexcept {
    std::atomic_thread_fence(how);
    interlock_v1_fence(static_cast<std::uint8_t>(how));
}

#else

template <typename T>
class atomic : public std::atomic<T> {
public:
    using std::atomic<T>::atomic;
    using std::atomic<T>::operator=;
    constexpr atomic() noexcept(std::is_nothrow_default_constructible_v<T>) = default;
    constexpr atomic(T value) noexcept : std::atomic<T>(value) {}
    constexpr atomic(T value, label) noexcept : std::atomic<T>(value) {}
    void set_label(label) noexcept {}
};
static_assert(sizeof(atomic<int>) == sizeof(std::atomic<int>) && sizeof(atomic<char>) == sizeof(std::atomic<char>));

using std::atomic_thread_fence;

#endif

}  // namespace interlock::inline INTERLOCK_MODE
