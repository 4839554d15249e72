// Queues between threads: queue (first in, first out), lifo_queue, priority_queue, each bounded or not. std has no twin; the interface follows
// P0260 and Python's queue. Recording tells who puts, gets and waits.
//
//      interlock::queue<job> jobs{"jobs", 100};
//      producer: jobs.put(next);  ...  jobs.shutdown();
//      consumer: while (auto one = jobs.get()) { run(*one); jobs.task_done(); }
#pragma once

#include <interlock/detail/monitor.hpp>
#include <interlock/detail/record.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <vector>

namespace interlock {

enum class queue_status : std::uint8_t { success, full, timeout, closed };
/// What becomes of the items that are in a queue when it is shut down.
enum class shutdown_mode : std::uint8_t { draining, immediate };

inline namespace INTERLOCK_MODE {
namespace detail {

template <typename T>
struct first_in_first_out {
    std::deque<T> items;
    void add(T&& item) { items.push_back(std::move(item)); }
    T take() {
        T item = std::move(items.front());
        items.pop_front();
        return item;
    }
};

template <typename T>
struct last_in_first_out {
    std::vector<T> items;
    void add(T&& item) { items.push_back(std::move(item)); }
    T take() {
        T item = std::move(items.back());
        items.pop_back();
        return item;
    }
};

template <typename T, typename Compare>
struct greatest_first {
    std::vector<T> items;
    [[no_unique_address]] Compare compare;
    void add(T&& item) {
        items.push_back(std::move(item));
        std::push_heap(items.begin(), items.end(), compare);
    }
    T take() {
        std::pop_heap(items.begin(), items.end(), compare);
        T item = std::move(items.back());
        items.pop_back();
        return item;
    }
};

}  // namespace detail

/// Thread-safe. Blocking: put() while it is full, get() while it is empty and open, join(). Items are moved in and out under an inner lock that is
/// held across nothing else of the user's; a T whose move throws may be lost. Cost: an uncontended operation takes that lock once.
/// Reported: a get, put or join that nobody is left to end (stalled), such as of a queue that was never shut down.
template <typename T, typename Order>
class basic_queue {
public:
    using value_type = T;

    /// `capacity` 0: no bound.
    explicit basic_queue(std::size_t capacity = 0) : basic_queue(label{}, capacity) {}
    explicit basic_queue(label what, std::size_t capacity = 0) : record_{interlock_queue, what}, capacity_{capacity} {}
    ~basic_queue() { record_.end(); }
    basic_queue(const basic_queue&) = delete;
    basic_queue& operator=(const basic_queue&) = delete;

    /// Blocks while the queue is full. `item` is moved from on success alone; else the queue is shut down (closed).
    queue_status put(T&& item) {
        return put_by(item, [this](held& lock) { return wait_for_room(lock, nullptr); });
    }
    queue_status put(const T& item) { return put(T(item)); }
    /// Never blocks: full, or closed.
    queue_status try_put(T&& item) {
        return put_by(item, [](held&) { return queue_status::full; });
    }
    queue_status try_put(const T& item) { return try_put(T(item)); }
    template <typename Rep, typename Period>
    queue_status put_for(T&& item, const std::chrono::duration<Rep, Period>& time) {
        const futex::deadline until = futex::after(time);
        return put_by(item, [&](held& lock) { return wait_for_room(lock, &until); });
    }
    template <typename Clock, typename Duration>
    queue_status put_until(T&& item, const std::chrono::time_point<Clock, Duration>& time) {
        return put_for(std::move(item), time - Clock::now());
    }

    /// Blocks while the queue is empty. Nothing: it is shut down, and empty.
    std::optional<T> get() {
        return get_by([this](held& lock) { return wait_for_item(lock, nullptr); });
    }
    /// Never blocks. Nothing: it is empty.
    std::optional<T> try_get() {
        return get_by([](held&) { return false; });
    }
    /// Nothing: it was empty until then, or is shut down and empty.
    template <typename Rep, typename Period>
    std::optional<T> get_for(const std::chrono::duration<Rep, Period>& time) {
        const futex::deadline until = futex::after(time);
        return get_by([&](held& lock) { return wait_for_item(lock, &until); });
    }
    template <typename Clock, typename Duration>
    std::optional<T> get_until(const std::chrono::time_point<Clock, Duration>& time) {
        return get_for(time - Clock::now());
    }

    /// What was got has been worked on. Precondition: called once for each item got; std::logic_error if more often than put.
    void task_done() {
        const held lock(lock_);
        if (unfinished_ == 0) throw std::logic_error("interlock::queue: task_done() more often than put()");
        record_.step(interlock_queue_task_done);
        if (--unfinished_ == 0) finished_.notify_all();
    }
    /// Blocks until task_done() was called for every item put.
    void join() {
        held lock(lock_);
        while (unfinished_ != 0) record_.wait(interlock_queue_wait, 0, [&] { return wait(finished_, lock, nullptr); });
        record_.step(interlock_queue_join);
    }

    /// No item comes in any more; who waits to put goes on with `closed`. `draining`: what is in can be got, then get() gives nothing.
    /// `immediate`: it is thrown away, as if it were done.
    void shutdown(shutdown_mode mode = shutdown_mode::draining) {
        const held lock(lock_);
        closed_ = true;
        record_.step(interlock_queue_shutdown, mode == shutdown_mode::immediate ? 1 : 0);
        if (mode == shutdown_mode::immediate) {
            unfinished_ -= order_.items.size();
            order_.items.clear();
            if (unfinished_ == 0) finished_.notify_all();
        }
        item_.notify_all();
        room_.notify_all();
    }

    bool is_shut_down() const {
        return locked([this] { return closed_; });
    }
    /// Of one moment.
    std::size_t size() const {
        return locked([this] { return order_.items.size(); });
    }
    bool empty() const { return size() == 0; }
    std::size_t capacity() const noexcept { return capacity_; }
    void set_label(label what) noexcept { record_.set_label(what); }

private:
    using held = std::unique_lock<blocks::monitor_lock>;

    template <typename What>
    auto locked(What what) const {
        const held lock(lock_);
        return what();
    }
    bool is_full() const noexcept { return capacity_ != 0 && order_.items.size() >= capacity_; }

    queue_status wait_for_room(held& lock, const futex::deadline* until) {
        bool in_time = true;
        while (is_full() && !closed_) {
            if (!in_time) return queue_status::timeout;
            in_time = record_.wait(interlock_queue_wait, until != nullptr ? 1 | interlock_timed : 1,
                                   [&] { return wait(room_, lock, until); });
        }
        return queue_status::success;
    }
    bool wait_for_item(held& lock, const futex::deadline* until) {
        bool in_time = true;
        while (order_.items.empty() && !closed_) {
            if (!in_time) return false;
            in_time = record_.wait(interlock_queue_wait, until != nullptr ? interlock_timed : 0,
                                   [&] { return wait(item_, lock, until); });
        }
        return !order_.items.empty();
    }
    static bool wait(blocks::monitor_condition& at, held& lock, const futex::deadline* until) {
        return until != nullptr ? at.wait(lock, *until) : at.wait(lock);
    }

    template <typename Wait>
    queue_status put_by(T& item, Wait wait) {
        held lock(lock_);
        if (is_full() && !closed_)
            if (const queue_status status = wait(lock); status != queue_status::success) return status;
        if (closed_) return queue_status::closed;
        order_.add(std::move(item));
        ++unfinished_;
        record_.step(interlock_queue_put);
        item_.notify_one();
        return queue_status::success;
    }
    template <typename Wait>
    std::optional<T> get_by(Wait wait) {
        held lock(lock_);
        if (order_.items.empty() && !wait(lock)) return std::nullopt;
        std::optional<T> item(order_.take());
        record_.step(interlock_queue_get);
        if (capacity_ != 0) room_.notify_one();
        return item;
    }

    detail::record record_;
    mutable blocks::monitor_lock lock_;
    blocks::monitor_condition item_;
    blocks::monitor_condition room_;
    blocks::monitor_condition finished_;
    Order order_;
    std::size_t capacity_;
    std::size_t unfinished_ = 0;
    bool closed_ = false;
};

template <typename T>
using queue = basic_queue<T, detail::first_in_first_out<T>>;
template <typename T>
using lifo_queue = basic_queue<T, detail::last_in_first_out<T>>;
/// The greatest by `Compare` first, as std::priority_queue.
template <typename T, typename Compare = std::less<T>>
using priority_queue = basic_queue<T, detail::greatest_first<T, Compare>>;

}  // namespace INTERLOCK_MODE

}  // namespace interlock
