// interlock::promise, future, shared_future, packaged_task and async: std's, with names. Recording tells who waits for what, who has set it,
// and who left it unset. Off, they are std's own, but for constructors that forget the name.
#pragma once

#include <interlock/config.hpp>
#include <interlock/label.hpp>

#include <future>

#if INTERLOCK_RECORDS
#include <interlock/detail/packaged_task.hpp>
#endif

namespace interlock::inline INTERLOCK_MODE {

using std::future_category;
using std::future_errc;
using std::future_error;
using std::future_status;
using std::launch;

#if !INTERLOCK_RECORDS

using std::async;
using std::future;
using std::shared_future;

template <typename R>
class promise : public std::promise<R> {
public:
    using std::promise<R>::promise;
    promise() = default;
    explicit promise(label) {}
    void set_label(label) noexcept {}
};
static_assert(sizeof(promise<int>) == sizeof(std::promise<int>));

template <typename Signature>
class packaged_task : public std::packaged_task<Signature> {
public:
    using std::packaged_task<Signature>::packaged_task;
    packaged_task() noexcept = default;
    template <typename Function>
    packaged_task(label, Function&& function) : std::packaged_task<Signature>(std::forward<Function>(function)) {}
};
template <typename R, typename... Arguments>
packaged_task(R (*)(Arguments...)) -> packaged_task<R(Arguments...)>;
static_assert(sizeof(packaged_task<void()>) == sizeof(std::packaged_task<void()>));

template <typename Function, typename... Arguments>
[[nodiscard]] auto async(std::launch policy, label, Function&& function, Arguments&&... arguments) {
    return std::async(policy, std::forward<Function>(function), std::forward<Arguments>(arguments)...);
}

#endif

}  // namespace interlock::inline INTERLOCK_MODE

template <typename R, typename Allocator>
struct std::uses_allocator<interlock::promise<R>, Allocator> : std::true_type {};
