// future, shared_future and promise over a shared state: std's interface, told to the recorder. Included by <interlock/future.hpp>.
#pragma once

#include <interlock/detail/shared_state.hpp>

namespace interlock::inline INTERLOCK_MODE {

template <typename R>
class future;
template <typename R>
class shared_future;
template <typename R>
class promise;
template <typename Signature>
class packaged_task;

namespace detail {

struct future_access;

/// What both futures can do.
template <typename R>
class any_future {
public:
    bool valid() const noexcept { return static_cast<bool>(state_); }

    /// Blocks until the result is there. Throws no_state.
    void wait() const {
        state<R>& of = state_.checked();
        of.wait();
        of.pass();
    }

    template <typename Rep, typename Period>
    std::future_status wait_for(const std::chrono::duration<Rep, Period>& time) const {
        return status([&](state<R>& of) { return of.wait(futex::after(time)); });
    }
    template <typename Clock, typename Duration>
    std::future_status wait_until(const std::chrono::time_point<Clock, Duration>& time) const {
        return status([&](state<R>& of) {
            return futex::before(time, [&](const futex::deadline& until) { return of.wait(until); });
        });
    }

protected:
    any_future() noexcept = default;
    explicit any_future(state_reference<state<R>> of) noexcept : state_{std::move(of)} {}

    template <typename Wait>
    std::future_status status(Wait wait) const {
        state<R>& of = state_.checked();
        if (of.is_deferred() && !of.is_ready()) return std::future_status::deferred;
        if (!of.is_ready() && !wait(of)) return std::future_status::timeout;
        of.pass();
        return std::future_status::ready;
    }

    state_reference<state<R>> state_;
    friend struct future_access;
};

struct future_access {
    template <typename R>
    static future<R> make(state_reference<state<R>> of) {
        return future<R>(std::move(of));
    }
    template <typename R>
    static state<R>& state_of(const any_future<R>& of) {
        return of.state_.checked();
    }
};

}  // namespace detail

/// As std::future. Blocking: get() and wait() until the promise is set, in the kernel; of async() by joining the thread. Misuse that is
/// reported: broken-promise, when get() throws it; a wait that nobody can end.
template <typename R>
class [[nodiscard]] future : public detail::any_future<R> {
public:
    future() noexcept = default;
    future(future&&) noexcept = default;
    future& operator=(future&&) noexcept = default;

    /// The result, which is gone from here; or throws what was set in its place, or no_state.
    R get() {
        const detail::state_reference<detail::state<R>> of = std::move(this->state_);
        of.checked().wait();
        of->get();
        return of->take();
    }
    shared_future<R> share() noexcept { return shared_future<R>(std::move(*this)); }

private:
    using detail::any_future<R>::any_future;
    friend struct detail::future_access;
};

/// As std::shared_future: many may get, each through a copy of its own.
template <typename R>
class [[nodiscard]] shared_future : public detail::any_future<R> {
public:
    shared_future() noexcept = default;
    shared_future(future<R>&& of) noexcept : detail::any_future<R>(std::move(of)) {}

    decltype(auto) get() const {
        detail::state<R>& of = this->state_.checked();
        of.wait();
        of.get();
        return of.look();
    }
};

namespace detail {

/// A promise without its ways to set a result.
template <typename R>
class any_promise {
public:
    any_promise() : any_promise(label{}) {}
    explicit any_promise(label what) : state_{new detail::state<R>(what)} {}
    template <typename Allocator>
    any_promise(std::allocator_arg_t, const Allocator& from)
        : state_{allocated<detail::state<R>, Allocator>::make(from, label{})} {}
    any_promise(any_promise&&) noexcept = default;
    any_promise& operator=(any_promise&& other) noexcept {
        any_promise(std::move(other)).swap(*this);
        return *this;
    }
    ~any_promise() {
        if (state_) state_->abandon();
    }
    void swap(any_promise& other) noexcept { std::swap(state_, other.state_); }

    /// Once. Throws future_already_retrieved, no_state.
    future<R> get_future() {
        state_.checked().take_future();
        return future_access::make<R>(state_);
    }
    void set_exception(std::exception_ptr what) {
        set_by([&](auto& of) { of.set_exception(std::move(what)); });
    }
    void set_exception_at_thread_exit(std::exception_ptr what) {
        set_late([&](auto& of) { of.set_exception(std::move(what)); });
    }
    void set_label(label what) { state_.checked().record().set_label(what); }

protected:
    template <typename... Value>
    void set(Value&&... value) {
        set_by([&](auto& of) { of.store(std::forward<Value>(value)...); });
    }
    template <typename... Value>
    void set_at_thread_exit(Value&&... value) {
        set_late([&](auto& of) { of.store(std::forward<Value>(value)...); });
    }

private:
    template <typename Store>
    void set_by(Store store) {
        claimed(store).publish();
    }
    template <typename Store>
    void set_late(Store store) {
        claimed(store).publish_at_thread_exit();
    }
    /// A value whose copy throws leaves the promise as it was.
    template <typename Store>
    state<R>& claimed(Store store) {
        state<R>& of = state_.checked();
        of.claim();
        try {
            store(of);
        } catch (...) {
            of.unclaim();
            throw;
        }
        return of;
    }
    state_reference<detail::state<R>> state_;
};

}  // namespace detail

/// As std::promise, with a name: promise<int> answer{"answer"}. Who destroys it unset breaks it: broken-promise is reported when somebody gets.
template <typename R>
class promise : public detail::any_promise<R> {
public:
    using detail::any_promise<R>::any_promise;
    void set_value(const R& value) { this->set(value); }
    void set_value(R&& value) { this->set(std::move(value)); }
    void set_value_at_thread_exit(const R& value) { this->set_at_thread_exit(value); }
    void set_value_at_thread_exit(R&& value) { this->set_at_thread_exit(std::move(value)); }
};
template <typename R>
class promise<R&> : public detail::any_promise<R&> {
public:
    using detail::any_promise<R&>::any_promise;
    void set_value(R& value) { this->set(value); }
    void set_value_at_thread_exit(R& value) { this->set_at_thread_exit(value); }
};
template <>
class promise<void> : public detail::any_promise<void> {
public:
    using detail::any_promise<void>::any_promise;
    void set_value() { this->set(); }
    void set_value_at_thread_exit() { this->set_at_thread_exit(); }
};

template <typename R>
void swap(promise<R>& one, promise<R>& other) noexcept {
    one.swap(other);
}

}  // namespace interlock::inline INTERLOCK_MODE
