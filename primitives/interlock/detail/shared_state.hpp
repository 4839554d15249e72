// What a promise and its futures share: the result, or the exception in its place, and whether it is there. One futex word; waiters sleep
// in the kernel. Only where primitives record: off, futures are std's.
#pragma once

#include <interlock/detail/deadline.hpp>
#include <interlock/detail/futex.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/detail/this_thread.hpp>
#include <interlock/detail/tools.hpp>

#include <exception>
#include <future>
#include <optional>
#include <utility>

namespace interlock::inline INTERLOCK_MODE::detail {

using futex::deadline;

inline std::future_error error_of(std::future_errc what) { return std::future_error(what); }

/// Counted by references; the last one destroys it. Thread-safe.
class state_base {
public:
    explicit state_base(label what) noexcept : record_{interlock_future, what} {}
    state_base(const state_base&) = delete;
    state_base& operator=(const state_base&) = delete;

    void add_reference() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        // acq_rel: the last one sees what all others did
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
    }
    bool is_shared() const noexcept { return references_.load(std::memory_order_relaxed) > 1; }

    /// Once: promise::get_future().
    void take_future() {
        if (taken_.exchange(true, std::memory_order_relaxed))
            throw error_of(std::future_errc::future_already_retrieved);
    }

    bool is_ready() const noexcept { return (status_.load(std::memory_order_acquire) & ~sleepers) == ready; }
    virtual bool is_deferred() const noexcept { return false; }

    /// Blocks until the result is there.
    void wait() {
        run_deferred();
        if (!is_ready()) {
            begin_wait(false);
            record_.wait(interlock_future_wait, 0, [this] {
                await_thread();
                return sleep(nullptr);
            });
            end_wait();
        }
    }
    /// False: it is not there in time.
    bool wait(const deadline& until) {
        if (is_ready()) return true;
        begin_wait(true);
        const bool in_time = record_.wait(interlock_future_wait, interlock_timed, [&] { return sleep(&until); });
        end_wait();
        return in_time;
    }

    /// Before the result is written: nobody else may. Throws promise_already_satisfied.
    void claim() {
        std::uint32_t seen = status_.load(std::memory_order_relaxed);
        do {
            if ((seen & ~sleepers) != empty) throw error_of(std::future_errc::promise_already_satisfied);
        } while (!status_.compare_exchange_weak(seen, (seen & sleepers) | claimed, std::memory_order_relaxed));
    }
    void unclaim() noexcept { status_.fetch_and(~claimed, std::memory_order_relaxed); }
    void set_exception(std::exception_ptr what) noexcept { exception_ = std::move(what); }
    /// Tells all who wait. Precondition: claimed.
    void publish(interlock_step what = interlock_future_set) noexcept {
        record_.step(what);
        tools::happens_before(this);
        // release: pairs with the acquire in is_ready() and sleep()
        if ((status_.exchange(ready, std::memory_order_acq_rel) & sleepers) != 0) futex::wake_all(status_);
    }
    /// The same when this thread has ended.
    void publish_at_thread_exit() {
        add_reference();
        interlock::blocks::at_thread_exit(
            [](void* self) noexcept {
                static_cast<state_base*>(self)->publish();
                static_cast<state_base*>(self)->release();
            },
            this);
    }
    /// Whoever was to set it is gone: those who wait for it get broken_promise.
    void abandon() noexcept {
        if (!is_shared() || (status_.load(std::memory_order_relaxed) & ~sleepers) != empty) return;
        claim();
        broken_ = true;
        exception_ = std::make_exception_ptr(error_of(std::future_errc::broken_promise));
        publish(interlock_future_abandon);
    }

    /// After a wait that has seen the result: whoever set it comes before what this thread does from here on.
    void pass() noexcept {
        tools::happens_after(this);
        record_.step(interlock_future_get);
    }
    /// After wait(): tells the get, rethrows what was set in place of a result.
    void get() {
        pass();
        if (broken_) interlock_v1_misuse(record_.object(), interlock_broken_promise, 0, 0, 0);
        if (exception_ != nullptr) std::rethrow_exception(exception_);
    }

    detail::record& record() noexcept { return record_; }

protected:
    virtual ~state_base() { record_.end(); }
    virtual void destroy() noexcept { delete this; }
    virtual void run_deferred() {}
    /// Blocks until the thread that sets it has ended, where there is one that nobody else joins.
    virtual void await_thread() {}
    /// Around a wait that may block.
    virtual void begin_wait(bool) {}
    virtual void end_wait() {}

private:
    static constexpr std::uint32_t empty = 0, claimed = 1, ready = 2, sleepers = 1u << 31;

    bool sleep(const deadline* until) noexcept {
        for (;;) {
            std::uint32_t seen = status_.load(std::memory_order_acquire);
            if ((seen & ~sleepers) == ready) return true;
            if ((seen & sleepers) == 0 &&
                !status_.compare_exchange_weak(seen, seen | sleepers, std::memory_order_relaxed))
                continue;
            const bool in_time = until == nullptr ? futex::wait(status_, seen | sleepers)
                                                  : futex::wait(status_, seen | sleepers, until->clock, &until->at);
            if (!in_time) return is_ready();
        }
    }

    detail::record record_;
    futex::word status_{empty};
    std::atomic<std::uint32_t> references_{1};
    std::atomic<bool> taken_{false};
    bool broken_ = false;
    std::exception_ptr exception_;
};

struct nothing {};

template <typename R>
class state : public state_base {
public:
    using state_base::state_base;

    template <typename... Value>
    void store(Value&&... value) {
        if constexpr (std::is_reference_v<R>)
            result_ = (&value, ...);
        else
            result_.emplace(std::forward<Value>(value)...);
    }
    /// Runs `function` for the result. Precondition: claimed.
    template <typename Function>
    void store_result_of(Function&& function) noexcept {
        try {
            if constexpr (std::is_void_v<R>) {
                function();
                store();
            } else {
                store(function());
            }
        } catch (...) {
            set_exception(std::current_exception());
        }
    }
    R take() {
        if constexpr (std::is_reference_v<R>)
            return static_cast<R>(*result_);
        else if constexpr (!std::is_void_v<R>)
            return std::move(*result_);
    }
    decltype(auto) look() const {
        if constexpr (std::is_reference_v<R>)
            return static_cast<R>(*result_);
        else if constexpr (!std::is_void_v<R>)
            return static_cast<const R&>(*result_);
    }

private:
    using kept =
        std::conditional_t<std::is_reference_v<R>, std::remove_reference_t<R>*,
                           std::optional<std::conditional_t<std::is_void_v<R>, nothing,
                                                            std::conditional_t<std::is_reference_v<R>, nothing, R>>>>;
    kept result_{};
};

/// A state that lies in memory of the user's allocator.
template <typename State, typename Allocator>
class allocated final : public State {
public:
    using allocator = typename std::allocator_traits<Allocator>::template rebind_alloc<allocated>;

    template <typename... Arguments>
    explicit allocated(const Allocator& from, Arguments&&... arguments)
        : State(std::forward<Arguments>(arguments)...), from_(from) {}

    template <typename... Arguments>
    static allocated* make(const Allocator& from, Arguments&&... arguments) {
        allocator memory(from);
        allocated* const at = std::allocator_traits<allocator>::allocate(memory, 1);
        try {
            return ::new (static_cast<void*>(at)) allocated(from, std::forward<Arguments>(arguments)...);
        } catch (...) {
            std::allocator_traits<allocator>::deallocate(memory, at, 1);
            throw;
        }
    }

private:
    void destroy() noexcept override {
        allocator memory(from_);
        this->~allocated();
        std::allocator_traits<allocator>::deallocate(memory, this, 1);
    }
    Allocator from_;
};

/// A counted reference to a state.
template <typename State>
class state_reference {
public:
    state_reference() noexcept = default;
    explicit state_reference(State* adopted) noexcept : to_{adopted} {}
    state_reference(const state_reference& other) noexcept : to_{other.to_} {
        if (to_ != nullptr) to_->add_reference();
    }
    state_reference(state_reference&& other) noexcept : to_{std::exchange(other.to_, nullptr)} {}
    state_reference& operator=(state_reference other) noexcept {
        std::swap(to_, other.to_);
        return *this;
    }
    ~state_reference() {
        if (to_ != nullptr) to_->release();
    }
    /// The same, seen as a base of it.
    template <typename Base>
    state_reference<Base> as() && noexcept {
        return state_reference<Base>(std::exchange(to_, nullptr));
    }
    explicit operator bool() const noexcept { return to_ != nullptr; }
    State* operator->() const noexcept { return to_; }
    /// Throws no_state where there is none.
    State& checked() const {
        if (to_ == nullptr) throw error_of(std::future_errc::no_state);
        return *to_;
    }

private:
    State* to_ = nullptr;
};

}  // namespace interlock::inline INTERLOCK_MODE::detail
