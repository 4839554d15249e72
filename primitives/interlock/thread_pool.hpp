// A fixed number of worker threads that run what is submitted, in that order. Recording tells each task's submission, start and finish, so
// that what lies before and after is known; a worker that waits for a task when no worker is left to run one is reported.
//
//      interlock::thread_pool pool{"workers", 4};
//      interlock::future<int> sum = pool.submit(add, 1, 2);
#pragma once

#include <interlock/detail/monitor.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/executor.hpp>
#include <interlock/future.hpp>
#include <interlock/thread.hpp>

#include <deque>
#include <memory>
#include <vector>

namespace interlock::inline INTERLOCK_MODE {

class thread_pool;

namespace detail {

/// Work of a pool.
class pool_work {
public:
    pool_work() = default;
    pool_work(const pool_work&) = delete;
    pool_work& operator=(const pool_work&) = delete;
    virtual ~pool_work() = default;
    virtual void run() noexcept = 0;

#if INTERLOCK_RECORDS
    told_work told;
#endif
};

template <typename Function>
class plain_work final : public pool_work {
public:
    explicit plain_work(Function function) : function_(std::move(function)) {}
    void run() noexcept override { function_(); }

private:
    Function function_;
};

/// Which pool the calling thread works for, and how many of its workers wait for work of it that is not done.
struct pool_waits {
    blocks::monitor_lock lock;
    std::uint32_t workers = 0;
    std::uint32_t waiting = 0;
    bool any_timed = false;  // of those that wait
    inline static thread_local pool_waits* of_this_thread = nullptr;
};

#if INTERLOCK_RECORDS

/// The result of a pool's task. A worker that waits for it counts as taken until the task is done.
template <typename R, typename Call>
class pool_state final : public state<R> {
public:
    pool_state(label what, Call call, std::shared_ptr<pool_waits> waits, interlock_object* pool)
        : state<R>(what), call_(std::move(call)), waits_(std::move(waits)), pool_{pool} {
        this->claim();
    }
    void run() noexcept {
        this->store_result_of(call_);
        {
            const std::lock_guard held(waits_->lock);
            done_ = true;
            waits_->waiting -= waiting_;
            if (waits_->waiting == 0) waits_->any_timed = false;
        }
        this->publish();
    }

private:
    void begin_wait(bool timed) override {
        if (pool_waits::of_this_thread != waits_.get()) return;
        std::uint32_t exhausted = 0;
        {
            const std::lock_guard held(waits_->lock);
            if (done_) return;
            ++waiting_;
            waits_->any_timed = waits_->any_timed || timed;
            timed = waits_->any_timed;
            if (++waits_->waiting == waits_->workers) exhausted = waits_->workers;
        }
        if (exhausted != 0)
            interlock_v1_misuse(pool_, interlock_pool_exhausted, timed ? interlock_timed : 0, exhausted, 0);
    }
    void end_wait() override {
        if (pool_waits::of_this_thread != waits_.get()) return;
        const std::lock_guard held(waits_->lock);
        if (done_) return;
        --waiting_;
        if (--waits_->waiting == 0) waits_->any_timed = false;
    }

    Call call_;
    std::shared_ptr<pool_waits> waits_;
    interlock_object* pool_;
    std::uint32_t waiting_ = 0;  // workers; guarded by waits_->lock
    bool done_ = false;
};

#endif

}  // namespace detail

/// Thread-safe. submit() and post() never block and never run the work themselves. The destructor runs what was submitted, then joins.
/// Misuse that is reported: a task that waits for a task of its own pool while all workers do (pool-exhausted). Cost: a queue's.
class thread_pool final : public executor {
public:
    /// Precondition: workers > 0.
    explicit thread_pool(unsigned workers = workers_by_default()) : thread_pool(label{}, workers) {}
    explicit thread_pool(label what, unsigned workers = workers_by_default())
        : record_{interlock_pool, what, workers}, waits_{std::make_shared<detail::pool_waits>()} {
        waits_->workers = workers;
        try {
            for (unsigned i = 0; i < workers; ++i) workers_.emplace_back(what, [this] { work(); });
        } catch (...) {
            shutdown();
            throw;
        }
    }
    ~thread_pool() {
        shutdown();
        record_.end();
    }

    /// Runs `function(arguments...)` on a worker. After shutdown() began: std::runtime_error.
    template <typename Function, typename... Arguments>
    auto submit(Function&& function, Arguments&&... arguments) {
        using R = std::invoke_result_t<std::decay_t<Function>, std::decay_t<Arguments>...>;
        auto call =
            [kept = std::make_tuple(std::decay_t<Function>(std::forward<Function>(function)),
                                    std::decay_t<Arguments>(std::forward<Arguments>(arguments))...)]() mutable -> R {
            return std::apply([](auto&... all) -> R { return std::invoke(std::move(all)...); }, kept);
        };
#if INTERLOCK_RECORDS
        using task = detail::pool_state<R, decltype(call)>;
        detail::state_reference<task> state(new task(label{}, std::move(call), waits_, record_.object()));
        hand_over(make_work([state] { state->run(); }));
        return detail::future_access::make<R>(std::move(state).template as<detail::state<R>>());
#else
        std::packaged_task<R()> task(std::move(call));
        std::future<R> result = task.get_future();
        hand_over(make_work(std::move(task)));
        return result;
#endif
    }
    void post(std::function<void()> work) override { hand_over(make_work(std::move(work))); }

    unsigned size() const noexcept { return static_cast<unsigned>(workers_.size()); }

    /// Takes no more, runs what was submitted, joins the workers. Precondition: not called by a task of this pool.
    void shutdown() noexcept {
        {
            const std::unique_lock held(lock_);
            closed_ = true;
            record_.step(interlock_queue_shutdown);
            work_or_end_.notify_all();
        }
        for (thread& one : workers_)
            if (one.joinable()) one.join();
    }

private:
    static unsigned workers_by_default() noexcept { return std::max(1u, std::thread::hardware_concurrency()); }

    template <typename Function>
    std::unique_ptr<detail::pool_work> make_work(Function function) {
        return std::make_unique<detail::plain_work<Function>>(std::move(function));
    }

    void hand_over(std::unique_ptr<detail::pool_work> work) {
#if INTERLOCK_RECORDS
        work->told = detail::told_work(record_.object());
#endif
        const std::unique_lock held(lock_);
        if (closed_) throw std::runtime_error("interlock::thread_pool: submitted after shutdown");
        queue_.push_back(std::move(work));
        record_.step(interlock_queue_put);
        work_or_end_.notify_one();
    }

    /// The next piece of work; nothing: the pool has ended.
    std::unique_ptr<detail::pool_work> next() {
        std::unique_lock held(lock_);
        while (queue_.empty() && !closed_)
            record_.wait(interlock_queue_wait, 0, [&] { return work_or_end_.wait(held); });
        if (queue_.empty()) return nullptr;
        std::unique_ptr<detail::pool_work> work = std::move(queue_.front());
        queue_.pop_front();
        record_.step(interlock_queue_get);
        return work;
    }

    void work() {
        detail::pool_waits::of_this_thread = waits_.get();
        while (const std::unique_ptr<detail::pool_work> one = next()) {
#if INTERLOCK_RECORDS
            one->told.start();
            one->run();
            one->told.finish();
#else
            one->run();
#endif
        }
    }

    detail::record record_;
    std::shared_ptr<detail::pool_waits> waits_;
    blocks::monitor_lock lock_;
    blocks::monitor_condition work_or_end_;
    std::deque<std::unique_ptr<detail::pool_work>> queue_;
    bool closed_ = false;
    std::vector<thread> workers_;
};

}  // namespace interlock::inline INTERLOCK_MODE
