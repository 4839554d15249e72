// interlock::thread and jthread: std's, with names. A name is the kernel's too, cut to 15 bytes there.
#pragma once

#include <interlock/config.hpp>
#include <interlock/detail/this_thread.hpp>
#include <interlock/label.hpp>

#include <functional>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>

namespace interlock {

namespace this_thread = std::this_thread;

inline namespace INTERLOCK_MODE {
namespace detail {

/// `function`, called after its thread has got its name.
template <typename Function>
struct named_function {
    const char* name;
    Function function;

    template <typename... Arguments>
    void operator()(Arguments&&... arguments) {
        if (name != nullptr) {
            blocks::name_this_thread(name);
#if INTERLOCK_RECORDS
            interlock_v1_name_thread(name);
#endif
        }
        std::invoke(std::move(function), std::forward<Arguments>(arguments)...);
    }
};
template <typename Function>
named_function(const char*, Function) -> named_function<Function>;

}  // namespace detail

/// As std::thread: thread worker{"worker", run, 3}. Blocking: join(), until the thread has ended. Reported: locks held at its end
/// (held-at-thread-exit), a join that the joined thread keeps up (lock-order-cycle, deadlock).
/// What it does is recorded as any thread's, so it costs what std::thread costs, in both modes.
class thread : public std::thread {
public:
    thread() noexcept = default;
    thread(std::thread&& other) noexcept : std::thread(std::move(other)) {}
    template <typename Function, typename... Arguments>
    requires(!std::is_base_of_v<std::thread, std::remove_cvref_t<Function>> &&
             std::is_invocable_v<std::decay_t<Function>,
                                 std::decay_t<Arguments>...>) explicit thread(Function&& function,
                                                                              Arguments&&... arguments)
        : std::thread(std::forward<Function>(function), std::forward<Arguments>(arguments)...) {}

    template <typename Function, typename... Arguments>
    requires std::is_invocable_v<std::decay_t<Function>, std::decay_t<Arguments>...>
    explicit thread(label what, Function&& function, Arguments&&... arguments)
        : std::thread(detail::named_function{what.name, std::decay_t<Function>(std::forward<Function>(function))},
                      std::forward<Arguments>(arguments)...) {}
};
static_assert(sizeof(thread) == sizeof(std::thread));

/// As std::jthread: asks to stop and joins when it is destroyed.
class jthread {
public:
    using id = std::thread::id;
    using native_handle_type = std::thread::native_handle_type;

    jthread() noexcept : stop_{std::nostopstate} {}
    template <typename Function, typename... Arguments>
    requires(!std::is_same_v<std::remove_cvref_t<Function>, jthread> &&
             !std::is_convertible_v<Function, label>) explicit jthread(Function&& function, Arguments&&... arguments)
        : jthread(label{}, std::forward<Function>(function), std::forward<Arguments>(arguments)...) {}
    template <typename Function, typename... Arguments>
    explicit jthread(label what, Function&& function, Arguments&&... arguments)
        : thread_{make(stop_, what, std::forward<Function>(function), std::forward<Arguments>(arguments)...)} {}

    jthread(const jthread&) = delete;
    jthread(jthread&&) noexcept = default;
    jthread& operator=(const jthread&) = delete;
    jthread& operator=(jthread&& other) noexcept {
        jthread(std::move(other)).swap(*this);
        return *this;
    }
    ~jthread() {
        if (!joinable()) return;
        request_stop();
        join();
    }

    void swap(jthread& other) noexcept {
        std::swap(stop_, other.stop_);
        thread_.swap(other.thread_);
    }
    friend void swap(jthread& one, jthread& other) noexcept { one.swap(other); }

    [[nodiscard]] bool joinable() const noexcept { return thread_.joinable(); }
    void join() { thread_.join(); }
    void detach() { thread_.detach(); }
    [[nodiscard]] id get_id() const noexcept { return thread_.get_id(); }
    [[nodiscard]] native_handle_type native_handle() { return thread_.native_handle(); }
    [[nodiscard]] static unsigned hardware_concurrency() noexcept { return std::thread::hardware_concurrency(); }

    [[nodiscard]] std::stop_source get_stop_source() noexcept { return stop_; }
    [[nodiscard]] std::stop_token get_stop_token() const noexcept { return stop_.get_token(); }
    bool request_stop() noexcept { return stop_.request_stop(); }

private:
    template <typename Function, typename... Arguments>
    static thread make(std::stop_source& stop, label what, Function&& function, Arguments&&... arguments) {
        if constexpr (std::is_invocable_v<std::decay_t<Function>, std::stop_token, std::decay_t<Arguments>...>)
            return thread(what, std::forward<Function>(function), stop.get_token(),
                          std::forward<Arguments>(arguments)...);
        else
            return thread(what, std::forward<Function>(function), std::forward<Arguments>(arguments)...);
    }

    std::stop_source stop_;
    thread thread_;
};
static_assert(sizeof(jthread) == sizeof(std::jthread));

}  // namespace INTERLOCK_MODE

}  // namespace interlock
