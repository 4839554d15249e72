// One thread that runs handlers one after another: posted, delayed, and of descriptors that are ready (epoll). Recording tells each handler's
// posting, start and finish; one that keeps the loop longer than a bound is reported.
//
//      interlock::event_loop loop{"loop"};
//      loop.watch(socket, EPOLLIN, [&](std::uint32_t) { read_from(socket); });
//      loop.post_after(1s, [&] { loop.stop(); });
//      loop.run();
#pragma once

#include <interlock/detail/monitor.hpp>
#include <interlock/detail/poller.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/executor.hpp>

#include <sys/epoll.h>

#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

namespace interlock::inline INTERLOCK_MODE {

/// run() and poll() are called by one thread at a time; all else is thread-safe, handlers included, which may post, watch, unwatch and stop.
/// Blocking: run(), until stop(). A handler that throws ends run() with that exception; what was due stays so.
/// Misuse that is reported: a handler that takes longer than the bound (handler-overrun).
class event_loop final : public executor {
public:
    using clock = blocks::poller::clock;
    using handler = std::function<void()>;
    using ready_handler = std::function<void(std::uint32_t events)>;
    enum class timer_id : std::uint64_t {};

    static constexpr std::chrono::milliseconds bound_by_default{100};

    explicit event_loop(std::chrono::milliseconds bound = bound_by_default) : event_loop(label{}, bound) {}
    explicit event_loop(label what, std::chrono::milliseconds bound = bound_by_default)
        : record_{interlock_event_loop, what}, bound_{bound} {}

    ~event_loop() { record_.end(); }

    /// Runs it after what was posted before.
    void post(handler work) override {
        work_of made = make(std::move(work));
        const std::lock_guard held(lock_);
        posted_.push_back(std::move(made));
        record_.step(interlock_queue_put);
        poller_.wake();
    }
    timer_id post_at(clock::time_point when, handler work) {
        work_of made = make(std::move(work));
        const std::lock_guard held(lock_);
        const timer_id id{++timers_made_};
        timers_.emplace(std::pair{when, id}, std::move(made));
        when_of_.emplace(id, when);
        record_.step(interlock_queue_put);
        poller_.wake();
        return id;
    }
    template <typename Rep, typename Period>
    // NOLINTNEXTLINE(performance-unnecessary-value-param): it is moved, once the template is instantiated
    timer_id post_after(const std::chrono::duration<Rep, Period>& time, handler work) {
        return post_at(clock::now() + std::chrono::ceil<clock::duration>(time), std::move(work));
    }
    /// False: it has run, or is about to.
    bool cancel(timer_id id) {
        const std::lock_guard held(lock_);
        const auto it = when_of_.find(id);
        if (it == when_of_.end()) return false;
        timers_.erase({it->second, id});
        when_of_.erase(it);
        return true;
    }

    /// Runs `work` with the events (EPOLLIN ...) whenever the descriptor has some, until unwatch(), which comes before closing it.
    /// Throws std::system_error: it cannot be watched, or is already.
    void watch(int descriptor, std::uint32_t events, ready_handler work) {
        auto made = std::make_shared<watched>(watched{std::move(work), note()});
        const std::lock_guard held(lock_);
        poller_.add(descriptor, events);
        watched_[descriptor] = std::move(made);
        poller_.wake();
    }
    void unwatch(int descriptor) {
        const std::lock_guard held(lock_);
        if (watched_.erase(descriptor) != 0) poller_.remove(descriptor);
    }

    /// Runs handlers until stop(). What is posted and due by then stays for the next run().
    void run() {
        while (!take_stop()) turn(true);
    }
    /// Runs what is due now. Returns how many handlers that were.
    std::size_t poll() { return turn(false); }
    /// Ends run() after the handler that runs now, or the next run() at once.
    void stop() {
        const std::lock_guard held(lock_);
        stopping_ = true;
        record_.step(interlock_queue_shutdown);
        poller_.wake();
    }
    void set_label(label what) noexcept { record_.set_label(what); }

private:
#if INTERLOCK_RECORDS
    using told = detail::told_work;
    told note() { return told(record_.object()); }
#else
    struct told {};
    told note() { return {}; }
#endif
    struct work_of {
        handler run;
        told task;
    };
    struct watched {
        ready_handler run;
        told task;
    };
    work_of make(handler work) {
        const told task = note();
        return {std::move(work), task};
    }

    bool take_stop() {
        const std::lock_guard held(lock_);
        return std::exchange(stopping_, false);
    }
    bool is_stopping() {
        const std::lock_guard held(lock_);
        return stopping_;
    }

    /// One look at everything that can be due.
    std::size_t turn(bool blocking) {
        std::optional<clock::time_point> until;
        bool only_posts = false;  // nobody but who posts can end the wait
        {
            const std::lock_guard held(lock_);
            if (!posted_.empty() || stopping_) blocking = false;
            if (!timers_.empty()) until = timers_.begin()->first.first;
            only_posts = timers_.empty() && watched_.empty();
        }
        const auto wait = [&] { return poller_.wait(until, blocking); };
        const std::vector<blocks::poller::ready> ready =
            blocking && only_posts ? record_.wait(interlock_queue_wait, 0, wait) : wait();
        std::size_t count = 0;
        for (const blocks::poller::ready& one : ready) {
            if (is_stopping()) return count;
            if (const std::shared_ptr<watched> of = watched_at(one.descriptor)) {
                run_one(of->task, [&] { of->run(one.events); });
                ++count;
            }
        }
        return count + run_due();
    }

    std::shared_ptr<watched> watched_at(int descriptor) {
        const std::lock_guard held(lock_);
        const auto it = watched_.find(descriptor);
        return it == watched_.end() ? nullptr : it->second;
    }

    /// What was posted before now, and the timers that are due.
    std::size_t run_due() {
        std::size_t left = 0;
        {
            const std::lock_guard held(lock_);
            const auto due = timers_.upper_bound({clock::now(), timer_id{~std::uint64_t{0}}});
            for (auto it = timers_.begin(); it != due; it = timers_.erase(it)) {
                when_of_.erase(it->first.second);
                posted_.push_back(std::move(it->second));
            }
            left = posted_.size();
        }
        std::size_t count = 0;
        for (; left != 0 && !is_stopping(); --left, ++count) {
            work_of next;
            {
                const std::lock_guard held(lock_);
                next = std::move(posted_.front());
                posted_.pop_front();
                record_.step(interlock_queue_get);
            }
            run_one(next.task, next.run);
        }
        return count;
    }

    template <typename Run>
    void run_one([[maybe_unused]] const told& task, Run&& run) {
#if INTERLOCK_RECORDS
        struct watch_of {
            event_loop& loop;
            const told& task;
            clock::time_point begin = clock::now();
            ~watch_of() {
                task.finish();
                const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin);
                if (taken > loop.bound_)
                    interlock_v1_misuse(loop.record_.object(), interlock_handler_overran, 0,
                                        static_cast<std::uint32_t>(taken.count()), task.stack());
            }
        };
        task.start();
        const watch_of until_it_returns{*this, task};
#endif
        run();
    }

    detail::record record_;
    std::chrono::milliseconds bound_;
    blocks::poller poller_;
    blocks::monitor_lock lock_;
    std::deque<work_of> posted_;
    std::map<std::pair<clock::time_point, timer_id>, work_of> timers_;
    std::unordered_map<timer_id, clock::time_point> when_of_;
    std::uint64_t timers_made_ = 0;
    std::unordered_map<int, std::shared_ptr<watched>> watched_;
    bool stopping_ = false;
};

}  // namespace interlock::inline INTERLOCK_MODE
