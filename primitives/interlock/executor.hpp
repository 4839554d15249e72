// What can run a piece of work later: a thread pool, an event loop. What coroutines resume on.
#pragma once

#include <interlock/config.hpp>
#include <interlock/label.hpp>

#include <functional>

namespace interlock::inline INTERLOCK_MODE {

/// Thread-safe. post() never runs the work itself. Work that throws ends the program (std::terminate).
class executor {
public:
    executor() = default;
    executor(const executor&) = delete;
    executor& operator=(const executor&) = delete;
    virtual void post(std::function<void()> work) = 0;

protected:
    ~executor() = default;
};

namespace detail {

#if INTERLOCK_RECORDS
/// A piece of work with what the recorder knows it by.
class told_work {
public:
    told_work() = default;
    explicit told_work(interlock_object* to) noexcept { interlock_v1_task_submit(to, &task_); }
    void start() const noexcept { interlock_v1_task_step(&task_, interlock_task_start); }
    void finish() const noexcept { interlock_v1_task_step(&task_, interlock_task_finish); }
    std::uint32_t stack() const noexcept { return task_.stack; }

private:
    interlock_task task_{};
};
#endif

}  // namespace detail
}  // namespace interlock::inline INTERLOCK_MODE
