// A mutex and a semaphore for coroutine tasks: who has to wait suspends, and its thread goes on with something else. The owner is the task.
//
//      auto held = co_await m.scoped_lock();
#pragma once

#include <interlock/coroutine.hpp>
#include <interlock/detail/record.hpp>

#include <cerrno>

namespace interlock::inline INTERLOCK_MODE {

class async_mutex;

namespace detail {

/// A suspended task in the line of a lock.
struct waiting_task {
    task_context* context = nullptr;
    std::coroutine_handle<> suspended;
};

/// The way of a task into a line. `Lock` has take_or_enter(waiting_task), begin(), and acquired(told).
template <typename Lock>
struct acquisition {
    Lock& of;
    bool told = false;

    bool await_ready() {
        told = of.begin();
        return of.take();
    }
    template <typename Promise>
    bool await_suspend(std::coroutine_handle<Promise> suspended) {
        task_context* const context = suspended.promise().context;
        context->suspend();
        if (!of.take_or_enter({context, suspended})) return true;  // this may be gone by now
        context->go_on();
        return false;
    }
    void await_resume() { of.acquired(told); }
};

}  // namespace detail

/// Unlocks at its end.
class [[nodiscard]] async_lock {
public:
    explicit async_lock(async_mutex& held) noexcept : held_{&held} {}
    async_lock(async_lock&& other) noexcept : held_{std::exchange(other.held_, nullptr)} {}
    async_lock& operator=(async_lock&&) = delete;
    inline ~async_lock();

private:
    async_mutex* held_;
};

/// Not recursive; first come, first served. Unlocked by the task that locked it, on any thread; the next in line goes on where it ran before.
/// Reported: deadlocks and inversions between tasks, held at a task's end, unlocked by another.
class async_mutex {
public:
    async_mutex() : async_mutex(label{}) {}
    explicit async_mutex(label what) : record_{interlock_user_lock, what} {}
    ~async_mutex() { record_.end(held_); }
    async_mutex(const async_mutex&) = delete;
    async_mutex& operator=(const async_mutex&) = delete;

    auto lock() noexcept { return detail::acquisition<async_mutex>{*this}; }
    /// Locks it; the result unlocks it.
    auto scoped_lock() noexcept {
        struct scoped : detail::acquisition<async_mutex> {
            async_lock await_resume() {
                detail::acquisition<async_mutex>::await_resume();
                return async_lock(this->of);
            }
        };
        return scoped{{*this}};
    }
    bool try_lock() {
        return record_.acquire(interlock_attempt, [this] { return take() ? 0 : EBUSY; }) == 0;
    }
    void unlock() {
        detail::waiting_task next;
        record_.release(0, true, [&] {
            const std::lock_guard inner(lock_);
            if (line_.empty()) {
                held_ = false;
            } else {
                next = line_.front();
                line_.pop_front();
            }
            return 0;
        });
        if (next.context != nullptr) next.context->post(next.suspended);
    }
    void set_label(label what) noexcept { record_.set_label(what); }

private:
    friend struct detail::acquisition<async_mutex>;

#if INTERLOCK_RECORDS
    bool begin() noexcept { return interlock_v1_request(record_.object(), held_ ? interlock_contended : 0); }
    void acquired(bool told) noexcept {
        if (told) interlock_v1_acquired(record_.object(), 0);
    }
#else
    bool begin() noexcept { return false; }
    void acquired(bool) noexcept {}
#endif
    bool take() {
        const std::lock_guard inner(lock_);
        return !held_.exchange(true);
    }
    bool take_or_enter(detail::waiting_task who) {
        const std::lock_guard inner(lock_);
        if (!held_) return held_ = true;
        line_.push_back(who);
        return false;
    }

    detail::record record_;
    blocks::monitor_lock lock_;
    std::atomic<bool> held_{false};
    std::deque<detail::waiting_task> line_;
};

inline async_lock::~async_lock() {
    if (held_ != nullptr) held_->unlock();
}

/// Permits; any task or thread may release. First come, first served.
class async_semaphore {
public:
    explicit async_semaphore(std::ptrdiff_t permits) : async_semaphore(label{}, permits) {}
    async_semaphore(label what, std::ptrdiff_t permits)
        : record_{interlock_semaphore, what, static_cast<std::uint32_t>(permits)}, permits_{permits} {}
    ~async_semaphore() { record_.end(); }
    async_semaphore(const async_semaphore&) = delete;
    async_semaphore& operator=(const async_semaphore&) = delete;

    auto acquire() noexcept { return detail::acquisition<async_semaphore>{*this}; }
    bool try_acquire() {
        if (!take()) return false;
        acquired(true);
        return true;
    }
    void release() {
        detail::waiting_task next;
        note_release();
        {
            const std::lock_guard inner(lock_);
            if (line_.empty()) {
                ++permits_;
            } else {
                next = line_.front();
                line_.pop_front();
            }
        }
        if (next.context != nullptr) next.context->post(next.suspended);
    }
    void set_label(label what) noexcept { record_.set_label(what); }

private:
    friend struct detail::acquisition<async_semaphore>;

#if INTERLOCK_RECORDS
    bool begin() noexcept { return interlock_v1_semaphore_request(record_.object(), interlock_contended); }
    void acquired(bool told) noexcept {
        if (told) interlock_v1_semaphore_acquired(record_.object(), 0);
    }
    void note_release() noexcept { interlock_v1_semaphore_post(record_.object()); }
#else
    bool begin() noexcept { return false; }
    void acquired(bool) noexcept {}
    void note_release() noexcept {}
#endif
    bool take() {
        const std::lock_guard inner(lock_);
        if (permits_ == 0) return false;
        --permits_;
        return true;
    }
    bool take_or_enter(detail::waiting_task who) {
        const std::lock_guard inner(lock_);
        if (permits_ != 0) {
            --permits_;
            return true;
        }
        line_.push_back(who);
        return false;
    }

    detail::record record_;
    blocks::monitor_lock lock_;
    std::ptrdiff_t permits_;
    std::deque<detail::waiting_task> line_;
};

}  // namespace interlock::inline INTERLOCK_MODE
