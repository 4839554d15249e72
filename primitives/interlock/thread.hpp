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
    requires std::is_invocable_v<Function, Arguments...>
    void operator()(Arguments&&... arguments) {
        if (name != nullptr) {
#if INTERLOCK_RECORDS
            // The whole name, and not again what the kernel keeps of it.
            interlock_v1_unrecorded([](void* given) { blocks::name_this_thread(static_cast<const char*>(given)); },
                                    const_cast<char*>(name));
            interlock_v1_name_thread(name);
#else
            blocks::name_this_thread(name);
#endif
        }
        std::invoke(std::move(function), std::forward<Arguments>(arguments)...);
    }
};
template <typename Function>
named_function(const char*, Function) -> named_function<Function>;

/// What a jthread can run: with a stop token before the arguments, or without.
template <typename Function, typename... Arguments>
inline constexpr bool is_thread_function =
    std::is_invocable_v<std::decay_t<Function>, std::decay_t<Arguments>...> ||
    std::is_invocable_v<std::decay_t<Function>, std::stop_token, std::decay_t<Arguments>...>;

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
class jthread : public std::jthread {
public:
    jthread() noexcept = default;
    template <typename Function, typename... Arguments>
    requires(!std::is_base_of_v<std::jthread, std::remove_cvref_t<Function>> &&
             detail::is_thread_function<Function, Arguments...>) explicit jthread(Function&& function,
                                                                                  Arguments&&... arguments)
        : std::jthread(std::forward<Function>(function), std::forward<Arguments>(arguments)...) {}

    template <typename Function, typename... Arguments>
    requires detail::is_thread_function<Function, Arguments...>
    explicit jthread(label what, Function&& function, Arguments&&... arguments)
        : std::jthread(detail::named_function{what.name, std::decay_t<Function>(std::forward<Function>(function))},
                       std::forward<Arguments>(arguments)...) {}
};
static_assert(sizeof(jthread) == sizeof(std::jthread));

}  // namespace INTERLOCK_MODE

}  // namespace interlock
