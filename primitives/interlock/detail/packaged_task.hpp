// packaged_task and async over a shared state. Included by <interlock/future.hpp>.
#pragma once

#include <interlock/detail/future.hpp>
#include <interlock/thread.hpp>

#include <functional>
#include <memory>

namespace interlock::inline INTERLOCK_MODE {
namespace detail {

/// A state with the function that sets it.
template <typename R, typename... Arguments>
class task_state : public state<R> {
public:
    using state<R>::state;
    virtual void run(Arguments... arguments) noexcept = 0;
    /// A fresh state with the same function, which is gone from here.
    virtual task_state* again() = 0;
};

template <typename Function, typename R, typename... Arguments>
class task_of final : public task_state<R, Arguments...> {
public:
    template <typename Given>
    task_of(label what, Given&& function)
        : task_state<R, Arguments...>(what), what_{what}, function_(std::forward<Given>(function)) {}

    void run(Arguments... arguments) noexcept override {
        this->store_result_of([&]() -> R {
            if constexpr (std::is_void_v<R>)
                static_cast<void>(std::invoke(function_, std::forward<Arguments>(arguments)...));
            else
                return std::invoke(function_, std::forward<Arguments>(arguments)...);
        });
    }
    task_state<R, Arguments...>* again() override { return new task_of(what_, std::move(function_)); }

private:
    label what_;
    Function function_;
};

}  // namespace detail

/// As std::packaged_task. Runs its function on the thread that calls it; destroyed before that, it breaks its promise.
template <typename R, typename... Arguments>
class packaged_task<R(Arguments...)> {
public:
    packaged_task() noexcept = default;
    template <typename Function>
    // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): is constrained not to be a packaged_task
    requires(!std::is_same_v<std::remove_cvref_t<Function>, packaged_task>) explicit packaged_task(Function&& function)
        : packaged_task(label{}, std::forward<Function>(function)) {}
    template <typename Function>
    packaged_task(label what, Function&& function)
        : state_{new detail::task_of<std::decay_t<Function>, R, Arguments...>(what, std::forward<Function>(function))} {
    }
    packaged_task(packaged_task&&) noexcept = default;
    packaged_task& operator=(packaged_task&& other) noexcept {
        packaged_task(std::move(other)).swap(*this);
        return *this;
    }
    ~packaged_task() {
        if (state_) state_->abandon();
    }

    bool valid() const noexcept { return static_cast<bool>(state_); }
    void swap(packaged_task& other) noexcept { std::swap(state_, other.state_); }
    future<R> get_future() {
        state_.checked().take_future();
        detail::state_reference<detail::task_state<R, Arguments...>> shared = state_;
        return detail::future_access::make<R>(std::move(shared).template as<detail::state<R>>());
    }
    void operator()(Arguments... arguments) {
        state_.checked().claim();
        state_->run(std::forward<Arguments>(arguments)...);
        state_->publish();
    }
    void make_ready_at_thread_exit(Arguments... arguments) {
        state_.checked().claim();
        state_->run(std::forward<Arguments>(arguments)...);
        state_->publish_at_thread_exit();
    }
    void reset() {
        packaged_task fresh;
        fresh.state_ = decltype(state_)(state_.checked().again());
        *this = std::move(fresh);
    }

private:
    detail::state_reference<detail::task_state<R, Arguments...>> state_;
};

template <typename R, typename... Arguments>
packaged_task(R (*)(Arguments...)) -> packaged_task<R(Arguments...)>;

template <typename Signature>
void swap(packaged_task<Signature>& one, packaged_task<Signature>& other) noexcept {
    one.swap(other);
}

namespace detail {

/// Runs at once on a thread of its own, which the last reference joins.
template <typename R, typename Call>
class thread_state final : public state<R> {
public:
    thread_state(label what, Call call) : state<R>(what), call_(std::move(call)) {
        this->claim();
        thread_ = thread(what, [this] {
            this->store_result_of(call_);
            this->publish();
        });
    }

private:
    ~thread_state() override { await_thread(); }
    void await_thread() override {
        if (!joined_.exchange(true, std::memory_order_relaxed)) thread_.join();
    }
    Call call_;
    thread thread_;
    std::atomic<bool> joined_{false};
};

/// Runs when somebody waits for it, on that thread.
template <typename R, typename Call>
class deferred_state final : public state<R> {
public:
    deferred_state(label what, Call call) : state<R>(what), call_(std::move(call)) {}
    bool is_deferred() const noexcept override { return !begun_.load(std::memory_order_relaxed); }

private:
    void run_deferred() override {
        if (begun_.exchange(true, std::memory_order_relaxed)) return;
        this->claim();
        this->store_result_of(call_);
        this->publish();
    }
    Call call_;
    std::atomic<bool> begun_{false};
};

}  // namespace detail

/// As std::async, with a name for thread and future. The future's last holder waits for the thread's end.
template <typename Function, typename... Arguments>
[[nodiscard]] auto async(std::launch policy, label what, Function&& function, Arguments&&... arguments) {
    using R = std::invoke_result_t<std::decay_t<Function>, std::decay_t<Arguments>...>;
    auto call = [kept =
                     std::make_tuple(std::decay_t<Function>(std::forward<Function>(function)),
                                     std::decay_t<Arguments>(std::forward<Arguments>(arguments))...)]() mutable -> R {
        return std::apply([](auto&... all) -> R { return std::invoke(std::move(all)...); }, kept);
    };
    using call_type = decltype(call);
    detail::state<R>* made = nullptr;
    if ((policy & std::launch::async) == std::launch::async) {
        try {
            made = new detail::thread_state<R, call_type>(what, std::move(call));
        } catch (const std::system_error&) {
            if ((policy & std::launch::deferred) != std::launch::deferred) throw;
        }
    }
    if (made == nullptr) made = new detail::deferred_state<R, call_type>(what, std::move(call));
    return detail::future_access::make<R>(detail::state_reference<detail::state<R>>(made));
}
template <typename Function, typename... Arguments>
requires(!std::is_convertible_v<Function, label>)
    [[nodiscard]] auto async(std::launch policy, Function&& function, Arguments&&... arguments) {
    return interlock::async(policy, label{}, std::forward<Function>(function), std::forward<Arguments>(arguments)...);
}
template <typename Function, typename... Arguments>
requires(!std::is_same_v<std::remove_cvref_t<Function>, std::launch> && !std::is_convertible_v<Function, label>)
    [[nodiscard]] auto async(Function&& function, Arguments&&... arguments) {
    return interlock::async(std::launch::async | std::launch::deferred, label{}, std::forward<Function>(function),
                            std::forward<Arguments>(arguments)...);
}

}  // namespace interlock::inline INTERLOCK_MODE
