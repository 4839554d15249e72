// Spin locks: for sections of a few instructions. A waiter burns its processor, and yields it from time to time so that a holder without
// one comes on. Reported besides the misuse of mutexes: holding one longer than its bound (spinlock-held-long), or while its holder
// blocks (spinlock-held-blocking).
#pragma once

#include <interlock/detail/record.hpp>
#include <interlock/detail/tools.hpp>

#include <sched.h>
#include <time.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <utility>

namespace interlock::inline INTERLOCK_MODE {

namespace detail {

/// Waits a little longer each time it is asked, then lets others run.
class back_off {
public:
    void operator()() noexcept {
        if (rounds_ > rounds_max) {
            sched_yield();
            return;
        }
        for (unsigned i = 0; i < rounds_; ++i) __builtin_ia32_pause();
        rounds_ *= 2;
    }

private:
    static constexpr unsigned rounds_max = 64;
    unsigned rounds_ = 1;
};

/// Test and test-and-set (Rudolph and Segall 1984) with exponential back-off (Anderson 1990): one word, unfair.
class test_and_set_word {
public:
    bool is_busy() const noexcept { return word_.load(std::memory_order_relaxed); }
    bool try_acquire() noexcept { return !is_busy() && !word_.exchange(true, std::memory_order_acquire); }
    void acquire() noexcept {
        for (back_off wait; !try_acquire();) wait();
    }
    void release() noexcept { word_.store(false, std::memory_order_release); }  // pairs with try_acquire()

private:
    std::atomic<bool> word_{false};
};

/// Tickets are served in the order in which they were drawn (Mellor-Crummey and Scott 1991): fair.
class ticket_words {
public:
    bool is_busy() const noexcept {
        return next_.load(std::memory_order_relaxed) != served_.load(std::memory_order_relaxed);
    }
    bool try_acquire() noexcept {
        std::uint32_t mine = served_.load(std::memory_order_acquire);
        return next_.compare_exchange_strong(mine, mine + 1, std::memory_order_acquire, std::memory_order_relaxed);
    }
    void acquire() noexcept {
        const std::uint32_t mine = next_.fetch_add(1, std::memory_order_relaxed);
        for (back_off wait; served_.load(std::memory_order_acquire) != mine;) wait();  // pairs with release()
    }
    void release() noexcept { served_.store(served_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

private:
    std::atomic<std::uint32_t> next_{0};
    std::atomic<std::uint32_t> served_{0};
};

/// When a spin lock was acquired; where recording is off, nothing. By the monotonic clock as of the last timer tick (CLOCK_MONOTONIC_COARSE), which costs
/// a fifth of the exact one: two reads of it are wrong by less than a tick together, and what is told is what lasted for certain.
class hold_time {
public:
#if INTERLOCK_RECORDS
    // Not for the race runtime's check-then-act: that each hold writes anew what the last one read is no lost update.
    __attribute__((no_sanitize("thread"))) void begin() noexcept { since_ = now(); }
    /// Tells of a hold that lasted longer than `bound`. Called by the holder.
    __attribute__((no_sanitize("thread"))) void end(record& who, std::chrono::nanoseconds bound) noexcept {
        // Who releases what nobody holds has no time to tell of.
        const std::chrono::nanoseconds since = std::exchange(since_, std::chrono::nanoseconds{});
        const std::chrono::nanoseconds held = now() - since - tick_max;
        if (__builtin_expect(held > bound && since.count() != 0, 0))
            interlock_v1_overrun(who.object(), static_cast<std::uint64_t>(held.count()));
    }

private:
    static constexpr std::chrono::nanoseconds tick_max = std::chrono::milliseconds(10);  // Linux's, at 100 Hz

    static std::chrono::nanoseconds now() noexcept {
        timespec at{};
        clock_gettime(CLOCK_MONOTONIC_COARSE, &at);
        return std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec);
    }

    std::chrono::nanoseconds since_{};
#else
    void begin() noexcept {}
    void end(record&, std::chrono::nanoseconds) noexcept {}
#endif
};

template <typename Words, interlock_type Type>
class any_spinlock {
public:
    /// Longer than any section that one should spin for, and than most slices of time that the kernel gives to others.
    static constexpr std::chrono::nanoseconds bound = std::chrono::milliseconds(100);

    constexpr any_spinlock() noexcept : any_spinlock(label{}) {}
    constexpr explicit any_spinlock(label what) noexcept : record_{Type, what} {}
    ~any_spinlock() {
        record_.end(words_.is_busy());
        tools::gone(use(0));
    }
    any_spinlock(const any_spinlock&) = delete;
    any_spinlock& operator=(const any_spinlock&) = delete;
    void set_label(label what) noexcept { record_.set_label(what); }

protected:
    __attribute__((always_inline)) void acquire() noexcept {
        record_.acquire(
            0, [this] { return tools::acquire(use(0), [this] { return words_.try_acquire() ? 0 : EBUSY; }); },
            [this] {
                return tools::acquire(use(0), [this] {
                    words_.acquire();
                    return 0;
                });
            });
        held_.begin();
    }
    __attribute__((always_inline)) bool try_acquire() noexcept {
        if (run(interlock_attempt, [this] { return words_.try_acquire() ? 0 : EBUSY; }) != 0) return false;
        held_.begin();
        return true;
    }
    __attribute__((always_inline)) void release() noexcept {
        held_.end(record_, bound);
        record_.release(0, true, [this] {
            return tools::release(use(0), [this] {
                words_.release();
                return 0;
            });
        });
    }

private:
    template <typename Acquire>
    __attribute__((always_inline)) int run(std::uint8_t flags, Acquire acquire) {
        return record_.acquire(flags, [&] { return tools::acquire(use(flags), acquire); });
    }
    tools::lock_use use(std::uint8_t flags) const noexcept {
        return {this, sizeof *this, false, (flags & interlock_attempt) != 0, false};
    }

    [[no_unique_address]] record record_;
    [[no_unique_address]] hold_time held_;
    Words words_;
};

}  // namespace detail

/// Unfair, one word: the cheapest where contention is rare.
class INTERLOCK_CAPABILITY("spinlock") spinlock
    : public detail::any_spinlock<detail::test_and_set_word, interlock_spinlock> {
public:
    using any_spinlock::any_spinlock;
    INTERLOCK_INLINE void lock() noexcept INTERLOCK_ACQUIRE() { acquire(); }
    bool try_lock() noexcept INTERLOCK_TRY_ACQUIRE(true) { return try_acquire(); }
    void unlock() noexcept INTERLOCK_RELEASE() { release(); }
};

/// Fair: in the order of requests. Nobody starves; a waiter that has no processor holds up all behind it.
class INTERLOCK_CAPABILITY("spinlock") ticket_lock
    : public detail::any_spinlock<detail::ticket_words, interlock_ticket_lock> {
public:
    using any_spinlock::any_spinlock;
    INTERLOCK_INLINE void lock() noexcept INTERLOCK_ACQUIRE() { acquire(); }
    bool try_lock() noexcept INTERLOCK_TRY_ACQUIRE(true) { return try_acquire(); }
    void unlock() noexcept INTERLOCK_RELEASE() { release(); }
};

#if !INTERLOCK_RECORDS
static_assert(sizeof(spinlock) == 1 && sizeof(ticket_lock) == 8);
#endif

}  // namespace interlock::inline INTERLOCK_MODE
