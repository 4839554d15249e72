// epoll, timerfd and eventfd behind one wait. Thread-bound but for wake().
#include <interlock/detail/deadline.hpp>
#include <interlock/detail/poller.hpp>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace interlock::blocks {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void empty(int descriptor) noexcept {
    std::uint64_t count = 0;
    while (read(descriptor, &count, sizeof count) < 0 && errno == EINTR) continue;
}

}  // namespace

poller::poller()
    : epoll_{epoll_create1(EPOLL_CLOEXEC)},
      timer_{timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)},
      event_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
    try {
        if (epoll_ < 0 || timer_ < 0 || event_ < 0) fail("interlock::event_loop");
        add(timer_, EPOLLIN);
        add(event_, EPOLLIN);
    } catch (...) {
        close_all();
        throw;
    }
}

poller::~poller() { close_all(); }

void poller::close_all() noexcept {
    for (const int one : {epoll_, timer_, event_})
        if (one >= 0) close(one);
}

void poller::add(int descriptor, std::uint32_t events) {
    epoll_event what{};
    what.events = events;
    what.data.fd = descriptor;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &what) != 0) fail("interlock::event_loop: epoll_ctl");
}

void poller::remove(int descriptor) {
    if (epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr) != 0) fail("interlock::event_loop: epoll_ctl");
}

const std::vector<poller::ready>& poller::wait(std::optional<clock::time_point> until, bool blocking) {
    itimerspec alarm{};
    if (until) {
        // All zero would disarm it.
        alarm.it_value = futex::to_timespec(std::max(until->time_since_epoch(), clock::duration(1)));
    }
    if (timerfd_settime(timer_, TFD_TIMER_ABSTIME, &alarm, nullptr) != 0) fail("interlock::event_loop: timerfd");
    ready_.clear();
    std::array<epoll_event, 64> events;
    int count = 0;
    while ((count = epoll_wait(epoll_, events.data(), events.size(), blocking ? -1 : 0)) < 0) {
        if (errno == EINTR) return ready_;
        fail("interlock::event_loop: epoll_wait");
    }
    for (int i = 0; i < count; ++i) {
        const epoll_event& one = events[static_cast<std::size_t>(i)];
        if (one.data.fd == timer_ || one.data.fd == event_)
            empty(one.data.fd);
        else
            ready_.push_back({one.data.fd, one.events});
    }
    return ready_;
}

void poller::wake() noexcept {
    const std::uint64_t one = 1;
    const int kept = errno;
    while (write(event_, &one, sizeof one) < 0 && errno == EINTR) continue;
    errno = kept;
}

}  // namespace interlock::blocks
