// A coroutine task as an agent of its own: it owns locks, waits and is resumed, on whatever thread. Included by <interlock/coroutine.hpp>.
#pragma once

#include <interlock/detail/monitor.hpp>
#include <interlock/executor.hpp>

#include <coroutine>
#include <deque>

namespace interlock::inline INTERLOCK_MODE::detail {

/// One per task that was started by itself (sync_wait, when_all); tasks that it co_awaits run as part of it. Used by one thread at a
/// time: by the one that runs it, or, while it is suspended, by whoever is going to resume it.
class task_context {
public:
    task_context(executor& on, const char* name) : executor_{&on} {
#if INTERLOCK_RECORDS
        interlock_v1_agent_create(&agent_, name);
#else
        static_cast<void>(name);
#endif
    }
    task_context(const task_context&) = delete;
    task_context& operator=(const task_context&) = delete;

    /// The context that the calling thread runs in; nullptr: none.
    static task_context* current() noexcept { return running_; }
    executor& on() const noexcept { return *executor_; }
    void move_to(executor& on) noexcept { executor_ = &on; }

    /// Runs `suspended` here and now, until it suspends or ends: after that, this may be gone.
    void run(std::coroutine_handle<> suspended) {
        task_context* const outer = running_;
        running_ = this;
#if INTERLOCK_RECORDS
        interlock_v1_agent_switch(&agent_, &left_);
#endif
        suspended.resume();
        running_ = outer;
    }
    /// Has the executor run it.
    void post(std::coroutine_handle<> suspended) {
        executor_->post([this, suspended] { run(suspended); });
    }

    /// The task is about to leave its thread. What follows it may run elsewhere at once.
    void suspend() noexcept {
#if INTERLOCK_RECORDS
        interlock_v1_agent_suspend();
#endif
        leave();
    }
    /// It was not handed over after all: goes on on this thread.
    void go_on() noexcept {
#if INTERLOCK_RECORDS
        interlock_v1_agent_switch(&agent_, &left_);
#endif
    }
    /// The task has ended.
    void end() noexcept {
        leave();
#if INTERLOCK_RECORDS
        interlock_v1_agent_end(&agent_);
#endif
    }
#if INTERLOCK_RECORDS
    /// Before the calling agent waits for its end, and after.
    void request_end() noexcept { interlock_v1_agent_request_end(&agent_); }
    void withdraw_request() noexcept { interlock_v1_agent_withdraw_request(); }
    void follow() noexcept { interlock_v1_agent_follow(&agent_); }
#else
    void request_end() noexcept {}
    void withdraw_request() noexcept {}
    void follow() noexcept {}
#endif

private:
    void leave() noexcept {
#if INTERLOCK_RECORDS
        interlock_agent task;
        interlock_v1_agent_switch(&left_, &task);
#endif
    }

    inline static thread_local task_context* running_ = nullptr;
    executor* executor_;
#if INTERLOCK_RECORDS
    interlock_agent agent_{};
    interlock_agent left_{};
#endif
};

/// Runs tasks on the thread that waits for them.
class waiting_executor final : public executor {
public:
    void post(std::function<void()> work) override {
        const std::lock_guard held(lock_);
        posted_.push_back(std::move(work));
        some_.notify_one();
    }
    /// Runs what is posted until end() was called and nothing is left.
    /// `before()` and `after()` it blocks.
    template <typename Before, typename After>
    void run(Before before, After after) {
        std::unique_lock held(lock_);
        for (;;) {
            while (!posted_.empty()) {
                const std::function<void()> next = std::move(posted_.front());
                posted_.pop_front();
                held.unlock();
                next();
                held.lock();
            }
            if (ended_) return;
            before();
            some_.wait(held);
            after();
        }
    }
    void end() {
        const std::lock_guard held(lock_);
        ended_ = true;
        some_.notify_one();
    }

private:
    blocks::monitor_lock lock_;
    blocks::monitor_condition some_;
    std::deque<std::function<void()>> posted_;
    bool ended_ = false;
};

}  // namespace interlock::inline INTERLOCK_MODE::detail
