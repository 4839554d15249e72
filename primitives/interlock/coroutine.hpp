// Coroutine tasks, and locks whose owner is the task and not the thread. Recording knows each task as an agent of its own, on whatever
// thread it goes on, so deadlocks between tasks are told like those between threads.
//
//      interlock::task<int> sum(interlock::async_mutex& m, int& value) {
//          auto held = co_await m.scoped_lock();
//          co_return ++value;
//      }
//      int got = interlock::sync_wait(sum(m, value));
#pragma once

#include <interlock/detail/task_context.hpp>

#include <atomic>
#include <exception>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

namespace interlock::inline INTERLOCK_MODE {

template <typename T = void>
class task;

namespace detail {

/// What every coroutine's promise has. `context` is its root's.
struct task_promise_base {
    task_context* context = nullptr;
    std::coroutine_handle<> continuation;
    std::exception_ptr error;

    std::suspend_always initial_suspend() noexcept { return {}; }
    void unhandled_exception() noexcept { error = std::current_exception(); }

    struct goes_on {
        bool await_ready() noexcept { return false; }
        template <typename Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
            return ended.promise().continuation;
        }
        void await_resume() noexcept {}
    };
    goes_on final_suspend() noexcept { return {}; }
};

template <typename T>
struct task_promise : task_promise_base {
    std::optional<T> value;
    task<T> get_return_object() noexcept;
    template <typename Value>
    void return_value(Value&& given) {
        value.emplace(std::forward<Value>(given));
    }
    T take() {
        if (error) std::rethrow_exception(error);
        return std::move(*value);
    }
};
template <>
struct task_promise<void> : task_promise_base {
    task<void> get_return_object() noexcept;
    void return_void() noexcept {}
    void take() const {
        if (error) std::rethrow_exception(error);
    }
};

/// A coroutine that nobody awaits, started by hand; it destroys itself.
struct root {
    struct promise_type {
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        root get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
        task_context* context = nullptr;
    };
    std::coroutine_handle<promise_type> handle;
};

}  // namespace detail

/// A coroutine that has not begun; it begins where it is co_awaited, sync_waited or given to when_all, once. Destroyed before that, it never
/// runs. Its exception comes out where it is awaited.
template <typename T>
class [[nodiscard]] task {
public:
    using promise_type = detail::task_promise<T>;

    task(task&& other) noexcept : handle_{std::exchange(other.handle_, nullptr)} {}
    task& operator=(task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~task() {
        if (handle_) handle_.destroy();
    }

    /// Runs it as part of the task that awaits.
    auto operator co_await() && noexcept { return awaiter{handle_}; }

private:
    struct awaiter {
        std::coroutine_handle<promise_type> of;
        bool await_ready() noexcept { return false; }
        template <typename Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
            of.promise().context = awaiting.promise().context;
            of.promise().continuation = awaiting;
            return of;
        }
        T await_resume() { return of.promise().take(); }
    };

    friend promise_type;
    explicit task(std::coroutine_handle<promise_type> of) noexcept : handle_{of} {}
    std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <typename T>
task<T> task_promise<T>::get_return_object() noexcept {
    return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}
inline task<void> task_promise<void>::get_return_object() noexcept {
    return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

/// Suspends a task: `hand_over(context, handle)` gives it to whoever resumes it, which may be at once and elsewhere.
template <typename HandOver>
struct suspension {
    HandOver hand_over;
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> suspended) {
        task_context* const context = suspended.promise().context;
        // The coroutine and this awaiter may be gone once it is handed over.
        HandOver last = std::move(hand_over);
        context->suspend();
        last(*context, suspended);
    }
    void await_resume() noexcept {}
};
template <typename HandOver>
suspension(HandOver) -> suspension<HandOver>;

template <typename T>
using stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// Awaits `of`, keeps what came of it, then calls `ended()` as its context's last.
template <typename T, typename Ended>
root run_root(task<T> of, std::optional<stored<T>>& value, std::exception_ptr& error, Ended ended) {
    try {
        // Gone, with all that it holds, before anybody learns of its end.
        task<T> inner = std::move(of);
        if constexpr (std::is_void_v<T>) {
            co_await std::move(inner);
            value.emplace();
        } else {
            value.emplace(co_await std::move(inner));
        }
    } catch (...) {
        error = std::current_exception();
    }
    ended();
}

}  // namespace detail

/// Goes on as a task of the pool or a handler of the loop.
inline auto resume_on(executor& there) {
    return detail::suspension{[&there](detail::task_context& context, std::coroutine_handle<> suspended) {
        context.move_to(there);
        context.post(suspended);
    }};
}

/// Runs the task on this thread, and where it resumes itself, until it has ended. Blocking. Precondition: not called inside a task.
template <typename T>
T sync_wait(task<T> of, label what = {}) {
    detail::waiting_executor here;
    std::optional<detail::stored<T>> value;
    std::exception_ptr error;
    detail::task_context context(here, what.name);
    const detail::root made = detail::run_root(std::move(of), value, error, [&] {
        context.end();
        here.end();
    });
    made.handle.promise().context = &context;
    context.post(made.handle);
    here.run([&] { context.request_end(); }, [&] { context.withdraw_request(); });
    context.follow();
    if (error) std::rethrow_exception(error);
    if constexpr (!std::is_void_v<T>) return std::move(*value);
}

namespace detail {

/// One of the tasks of a when_all.
template <typename T>
struct branch {
    explicit branch(executor& on) : context(on, nullptr) {}
    task_context context;
    std::optional<stored<T>> value;
    std::exception_ptr error;

    stored<T> take() {
        if (error) std::rethrow_exception(error);
        return std::move(*value);
    }
};

/// How many are still to end; the last one resumes who waits for all.
struct countdown {
    std::atomic<std::size_t> left;
    task_context* context = nullptr;
    std::coroutine_handle<> suspended;

    void arrive() {
        // acq_rel: the last one sees what all the others have done
        if (left.fetch_sub(1, std::memory_order_acq_rel) == 1) context->post(suspended);
    }
};

template <typename T>
std::coroutine_handle<> begin(branch<T>& into, task<T> of, countdown& all) {
    const root made = run_root(std::move(of), into.value, into.error, [&into, &all] {
        into.context.end();
        all.arrive();
    });
    made.handle.promise().context = &into.context;
    return made.handle;
}

}  // namespace detail

/// Runs all of them at once, each a task of its own on the executor of this one; goes on when all have ended. The first exception, in the
/// order of the tasks, comes out of it; void becomes std::monostate.
template <typename... T>
task<std::tuple<detail::stored<T>...>> when_all(task<T>... all) {
    static_assert(sizeof...(T) != 0);
    detail::task_context* const self = detail::task_context::current();
    std::tuple<detail::branch<T>...> branches{(static_cast<void>(sizeof(T*)), self->on())...};
    detail::countdown count{sizeof...(T), nullptr, nullptr};
    std::apply([](auto&... one) { (one.context.request_end(), ...); }, branches);
    co_await detail::suspension{[&](detail::task_context& context, std::coroutine_handle<> suspended) {
        count.context = &context;
        count.suspended = suspended;
        std::apply(
            [&](auto&... into) {
                std::tuple begun{detail::begin(into, std::move(all), count)...};
                std::apply([&](auto... handle) { (into.context.post(handle), ...); }, begun);
            },
            branches);
    }};
    std::apply([](auto&... one) { (one.context.follow(), ...); }, branches);
    co_return std::apply([](auto&... one) { return std::tuple<detail::stored<T>...>{one.take()...}; }, branches);
}

}  // namespace interlock::inline INTERLOCK_MODE
