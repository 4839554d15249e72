// Tasks, and locks that tasks own: what comes out, in which order, on which thread.
#include <interlock/async_mutex.hpp>
#include <interlock/coroutine.hpp>
#include <interlock/event_loop.hpp>
#include <interlock/thread_pool.hpp>

#include <gtest/gtest.h>

#include <memory>

#include "tests/unit/primitives/together.hpp"

namespace interlock {
namespace {

task<int> seven() { co_return 7; }
task<> nothing_at_all() { co_return; }
task<int> fails() {
    throw std::runtime_error("no");
    co_return 0;
}
task<int> sum(task<int> a, task<int> b) { co_return co_await std::move(a) + co_await std::move(b); }

TEST(task, gives_its_result_to_who_waits) {
    EXPECT_EQ(sync_wait(seven()), 7);
    EXPECT_EQ(sync_wait(sum(seven(), seven()), "sum"), 14);
    sync_wait(nothing_at_all());
    EXPECT_THROW(sync_wait(fails()), std::runtime_error);
    EXPECT_THROW(sync_wait(sum(seven(), fails())), std::runtime_error);
}

TEST(task, does_not_begin_before_it_is_awaited) {
    bool begun = false;
    const auto begin = [&]() -> task<> {
        begun = true;
        co_return;
    };
    { const task<> never = begin(); }
    EXPECT_FALSE(begun);
    sync_wait(begin());
    EXPECT_TRUE(begun);
}

TEST(task, moves_what_cannot_be_copied) {
    const auto make = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
    EXPECT_EQ(*sync_wait(make()), 3);
}

TEST(when_all, gives_all_results_or_the_first_exception) {
    const auto [a, b, c] = sync_wait(when_all(seven(), nothing_at_all(), sum(seven(), seven())));
    EXPECT_EQ(a + c, 21);
    static_cast<void>(b);
    EXPECT_THROW(sync_wait(when_all(seven(), fails())), std::runtime_error);
}

TEST(resume_on, goes_on_where_it_is_told) {
    thread_pool pool("workers", 2);
    event_loop loop;
    std::thread runner([&] { loop.run(); });
    const std::thread::id here = std::this_thread::get_id();
    const std::thread::id there = runner.get_id();
    const auto travel = [&]() -> task<int> {
        EXPECT_EQ(std::this_thread::get_id(), here);
        co_await resume_on(pool);
        EXPECT_NE(std::this_thread::get_id(), here);
        co_await resume_on(loop);
        EXPECT_EQ(std::this_thread::get_id(), there);
        co_return 1;
    };
    EXPECT_EQ(sync_wait(travel()), 1);
    loop.stop();
    runner.join();
}

TEST(async_mutex, excludes_tasks_on_many_threads) {
    thread_pool pool(4);
    async_mutex one{"one"};
    std::uint64_t count = 0;
    const auto work = [&]() -> task<> {
        co_await resume_on(pool);
        for (int i = 0; i < 500; ++i) {
            const async_lock held = co_await one.scoped_lock();
            ++count;
        }
    };
    sync_wait(when_all(work(), work(), work(), work(), work(), work(), work(), work()));
    EXPECT_EQ(count, 8u * 500u);
}

TEST(async_mutex, excludes_tasks_of_64_threads_from_each_other) {
    async_mutex one{"one"};
    async_semaphore some{"some", 3};
    std::uint64_t count = 0;
    std::atomic<std::uint64_t> passed{0};
    const auto work = [&]() -> task<> {
        for (int i = 0; i < 50; ++i) {
            {
                const async_lock held = co_await one.scoped_lock();
                ++count;
            }
            co_await some.acquire();
            ++passed;
            some.release();
        }
    };
    testing::together(testing::many_threads, [&](unsigned) { sync_wait(work()); });
    EXPECT_EQ(count, testing::many_threads * 50u);
    EXPECT_EQ(passed, testing::many_threads * 50u);
}

TEST(async_mutex, is_given_to_the_first_in_line) {
    async_mutex one;
    std::vector<int> order;
    const auto wait = [&](int index) -> task<> {
        co_await one.lock();
        order.push_back(index);
        one.unlock();
    };
    const auto hold = [&]() -> task<> {
        EXPECT_TRUE(one.try_lock());
        EXPECT_FALSE(one.try_lock());
        one.unlock();
        co_await one.lock();
        co_await when_all(wait(1), wait(2), [](async_mutex& held) -> task<> {
            held.unlock();
            co_return;
        }(one));
    };
    sync_wait(hold());
    EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST(async_semaphore, lets_so_many_in) {
    thread_pool pool(4);
    async_semaphore two{"two", 2};
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    const auto work = [&]() -> task<> {
        co_await resume_on(pool);
        for (int i = 0; i < 200; ++i) {
            co_await two.acquire();
            const int now = ++inside;
            for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) continue;
            --inside;
            two.release();
        }
    };
    sync_wait(when_all(work(), work(), work(), work(), work(), work()));
    EXPECT_LE(most, 2);
    EXPECT_TRUE(two.try_acquire());
}

}  // namespace
}  // namespace interlock
