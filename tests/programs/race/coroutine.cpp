// A coroutine goes on on another thread: in order only if it is handed over in order.
#include <atomic>
#include <coroutine>

#include "tests/programs/race/both.hpp"

struct job {
    struct promise_type {
        job get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
    };
    std::coroutine_handle<promise_type> handle;
};

static int total = 0;

static job count(const int& step) {
    for (int i = 0; i < 3; ++i) {
        total += step;
        co_await std::suspend_always{};
    }
}

int main() {
    static const int step = 2;
    const job made = count(step);
    std::atomic<int> turn{0};
    constexpr auto order = racy ? std::memory_order_relaxed : std::memory_order_acq_rel;
    both(
        [&] {
            made.handle.resume();
            turn.fetch_add(1, order);
        },
        [&] {
            while (turn.fetch_add(0, order) == 0) std::this_thread::yield();
            made.handle.resume();
        });
    made.handle.destroy();
    return total == 4 ? 0 : 1;
}
