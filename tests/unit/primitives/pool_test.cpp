// Pools and event loops: what is submitted runs once, on whose thread, in which order, until when.
#include <interlock/event_loop.hpp>
#include <interlock/thread_pool.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "tests/unit/primitives/together.hpp"

namespace interlock {
namespace {

using namespace std::chrono_literals;
using testing::many_threads;
using testing::together;

TEST(thread_pool, gives_what_its_tasks_return) {
    thread_pool pool{"workers", 2};
    EXPECT_EQ(pool.size(), 2u);
    auto sum = pool.submit([](int a, std::unique_ptr<int> b) { return a + *b; }, 3, std::make_unique<int>(4));
    auto where = pool.submit([] { return std::this_thread::get_id(); });
    auto throws = pool.submit([] { throw std::runtime_error("no"); });
    EXPECT_EQ(sum.get(), 7);
    EXPECT_NE(where.get(), std::this_thread::get_id());
    EXPECT_THROW(throws.get(), std::runtime_error);
}

TEST(thread_pool, runs_in_the_order_of_submission_with_one_worker) {
    std::vector<int> order;
    {
        thread_pool pool(1);
        for (int i = 0; i < 10; ++i) pool.post([&order, i] { order.push_back(i); });
    }
    EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(thread_pool, takes_nothing_after_it_was_shut_down) {
    thread_pool pool(1);
    auto before = pool.submit([] { return 1; });
    pool.shutdown();
    EXPECT_EQ(before.get(), 1);
    EXPECT_THROW(pool.post([] {}), std::runtime_error);
}

TEST(thread_pool, lets_a_task_wait_for_another_while_a_worker_is_left) {
    thread_pool pool(2);
    auto outer = pool.submit([&] { return pool.submit([] { return 5; }).get(); });
    EXPECT_EQ(outer.get(), 5);
}

TEST(thread_pool, runs_each_task_of_64_threads_once) {
    std::atomic<unsigned> runs{0};
    {
        thread_pool pool(4);
        together(many_threads, [&](unsigned) {
            std::vector<future<void>> all;
            for (int i = 0; i < 50; ++i) all.push_back(pool.submit([&] { ++runs; }));
            for (future<void>& one : all) one.get();
        });
    }
    EXPECT_EQ(runs, many_threads * 50u);
}

TEST(event_loop, runs_what_is_posted_in_that_order_until_it_is_stopped) {
    event_loop loop{"loop"};
    std::vector<int> order;
    for (int i = 0; i < 3; ++i) loop.post([&order, i] { order.push_back(i); });
    loop.post([&] { loop.stop(); });
    loop.run();
    EXPECT_EQ(order, (std::vector{0, 1, 2}));
    EXPECT_EQ(loop.poll(), 0u);
    loop.post([&] { loop.post([&] { order.push_back(9); }); });
    EXPECT_EQ(loop.poll(), 1u);
    EXPECT_EQ(loop.poll(), 1u);
    EXPECT_EQ(order.back(), 9);
}

TEST(event_loop, runs_what_is_delayed_by_its_time) {
    event_loop loop;
    std::vector<int> order;
    const auto now = event_loop::clock::now();
    loop.post_at(now + 2ms, [&] { loop.stop(); });
    loop.post_at(now + 1ms, [&] { order.push_back(1); });
    loop.post_at(now, [&] { order.push_back(0); });
    const auto never = loop.post_after(0ms, [&] { order.push_back(7); });
    EXPECT_TRUE(loop.cancel(never));
    EXPECT_FALSE(loop.cancel(never));
    loop.run();
    EXPECT_EQ(order, (std::vector{0, 1}));
    EXPECT_GE(event_loop::clock::now(), now + 2ms);
}

TEST(event_loop, runs_who_watches_a_descriptor_that_is_ready) {
    std::array<int, 2> pipe_ends{};
    ASSERT_EQ(pipe(pipe_ends.data()), 0);
    event_loop loop;
    char got = 0;
    loop.watch(pipe_ends[0], EPOLLIN, [&](std::uint32_t events) {
        EXPECT_TRUE((events & EPOLLIN) != 0);
        EXPECT_EQ(read(pipe_ends[0], &got, 1), 1);
        loop.unwatch(pipe_ends[0]);
        loop.stop();
    });
    EXPECT_THROW(loop.watch(pipe_ends[0], EPOLLIN, [](std::uint32_t) {}), std::system_error);
    std::thread writer([&] { EXPECT_EQ(write(pipe_ends[1], "x", 1), 1); });
    loop.run();
    writer.join();
    EXPECT_EQ(got, 'x');
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

TEST(event_loop, goes_on_after_a_handler_that_threw) {
    event_loop loop;
    bool ran = false;
    loop.post([] { throw std::runtime_error("no"); });
    loop.post([&] { ran = true; });
    EXPECT_THROW(loop.poll(), std::runtime_error);
    EXPECT_EQ(loop.poll(), 1u);
    EXPECT_TRUE(ran);
}

TEST(event_loop, takes_posts_of_64_threads) {
    event_loop loop;
    unsigned runs = 0;
    std::thread runner([&] { loop.run(); });
    together(many_threads, [&](unsigned) {
        for (int i = 0; i < 50; ++i) {
            loop.post([&] {
                if (++runs == many_threads * 50) loop.stop();
            });
        }
    });
    runner.join();
    EXPECT_EQ(runs, many_threads * 50);
}

}  // namespace
}  // namespace interlock
