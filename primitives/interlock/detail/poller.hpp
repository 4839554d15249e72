// Waits for descriptors, for a point in time and for a wake-up at once: epoll(7), timerfd and eventfd. By calls that nobody interposes.
#pragma once

#include <cstdint>

#include <chrono>
#include <optional>
#include <vector>

namespace interlock::blocks {

/// Thread-bound but for wake().
class poller {
public:
    using clock = std::chrono::steady_clock;

    /// Throws std::system_error, as all here: the process has no descriptors left, or this one cannot be watched.
    poller();
    ~poller();
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;

    /// `events`: EPOLLIN ... A descriptor is watched once.
    void add(int descriptor, std::uint32_t events);
    void remove(int descriptor);

    struct ready {
        int descriptor;
        std::uint32_t events;
    };
    /// Blocks until a descriptor is ready, `until`, or wake(). `blocking` false: never. The result is valid until the next call.
    const std::vector<ready>& wait(std::optional<clock::time_point> until, bool blocking);

    /// Ends a wait, or the next one. Thread-safe, async-signal-safe.
    void wake() noexcept;

private:
    void close_all() noexcept;

    int epoll_ = -1;
    int timer_ = -1;
    int event_ = -1;
    std::vector<ready> ready_;
};

}  // namespace interlock::blocks
