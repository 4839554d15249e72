// Queues: order, bounds, time, shutdown, and many threads at both ends.
#include <interlock/queue.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "tests/unit/primitives/together.hpp"

namespace interlock {
namespace {

using namespace std::chrono_literals;
using testing::many_threads;
using testing::together;

template <typename Queue>
class any_queue : public ::testing::Test {};
using every_queue = ::testing::Types<queue<int>, lifo_queue<int>, priority_queue<int>>;
TYPED_TEST_SUITE(any_queue, every_queue);

TYPED_TEST(any_queue, says_when_it_is_full_or_empty) {
    TypeParam two(2);
    EXPECT_EQ(two.capacity(), 2u);
    EXPECT_FALSE(two.try_get());
    EXPECT_FALSE(two.get_for(1ms));
    EXPECT_EQ(two.try_put(1), queue_status::success);
    EXPECT_EQ(two.put(2), queue_status::success);
    EXPECT_EQ(two.try_put(3), queue_status::full);
    EXPECT_EQ(two.put_for(3, 1ms), queue_status::timeout);
    EXPECT_EQ(two.size(), 2u);
    EXPECT_TRUE(two.get_until(std::chrono::system_clock::now() + 1h));
}

TYPED_TEST(any_queue, blocks_who_gets_until_somebody_puts) {
    TypeParam empty;
    std::thread putter([&] { empty.put(7); });
    EXPECT_EQ(empty.get(), 7);
    putter.join();
}

TYPED_TEST(any_queue, blocks_who_puts_until_somebody_gets) {
    TypeParam one(1);
    one.put(1);
    std::thread putter([&] { EXPECT_EQ(one.put(1), queue_status::success); });
    EXPECT_EQ(one.get(), 1);
    EXPECT_EQ(one.get(), 1);
    putter.join();
}

TYPED_TEST(any_queue, gives_what_it_has_and_then_nothing_once_shut_down) {
    TypeParam some;
    some.put(1);
    some.shutdown();
    EXPECT_TRUE(some.is_shut_down());
    EXPECT_EQ(some.put(2), queue_status::closed);
    EXPECT_EQ(some.try_put(2), queue_status::closed);
    EXPECT_EQ(some.get(), 1);
    EXPECT_FALSE(some.get());
}

TYPED_TEST(any_queue, throws_away_what_it_has_when_shut_down_at_once) {
    TypeParam some;
    some.put(1);
    some.put(2);
    EXPECT_TRUE(some.get());
    some.shutdown(shutdown_mode::immediate);
    EXPECT_FALSE(some.get());
    some.task_done();
    some.join();
    EXPECT_THROW(some.task_done(), std::logic_error);
}

TYPED_TEST(any_queue, wakes_all_who_wait_when_it_is_shut_down) {
    TypeParam full(1);
    full.put(1);
    TypeParam empty;
    std::atomic<int> ended{0};
    std::vector<std::thread> waiting;
    for (int i = 0; i < 4; ++i) {
        waiting.emplace_back([&] { ended += full.put(2) == queue_status::closed; });
        waiting.emplace_back([&] { ended += !empty.get(); });
    }
    full.shutdown();
    empty.shutdown();
    for (std::thread& one : waiting) one.join();
    EXPECT_EQ(ended, 8);
}

TYPED_TEST(any_queue, is_joined_when_all_is_done) {
    TypeParam jobs;
    for (int i = 0; i < 100; ++i) jobs.put(i);
    std::atomic<int> done{0};
    std::thread worker([&] {
        while (jobs.get()) {
            ++done;
            jobs.task_done();
        }
    });
    jobs.join();
    EXPECT_EQ(done, 100);
    jobs.shutdown();
    worker.join();
}

TYPED_TEST(any_queue, loses_nothing_between_64_threads) {
    constexpr int each = 200;
    TypeParam jobs(3);
    std::atomic<long> sum{0};
    std::atomic<unsigned> putting{many_threads / 2};
    together(many_threads, [&](unsigned index) {
        if (index % 2 == 0) {
            for (int i = 1; i <= each; ++i) jobs.put(i);
            if (putting.fetch_sub(1) == 1) jobs.shutdown();
        } else {
            while (const auto got = jobs.get()) sum += *got;
        }
    });
    EXPECT_EQ(sum, long{many_threads / 2} * each * (each + 1) / 2);
}

template <typename Queue>
std::vector<int> drained(Queue& from) {
    std::vector<int> made;
    while (const auto one = from.try_get()) made.push_back(*one);
    return made;
}

TEST(queue, gives_first_what_came_first) {
    queue<int> first;
    lifo_queue<int> last;
    priority_queue<int> greatest;
    priority_queue<int, std::greater<int>> least;
    for (const int one : {2, 3, 1}) {
        first.put(one);
        last.put(one);
        greatest.put(one);
        least.put(one);
    }
    EXPECT_EQ(drained(first), (std::vector{2, 3, 1}));
    EXPECT_EQ(drained(last), (std::vector{1, 3, 2}));
    EXPECT_EQ(drained(greatest), (std::vector{3, 2, 1}));
    EXPECT_EQ(drained(least), (std::vector{1, 2, 3}));
}

TEST(queue, keeps_an_item_that_it_did_not_take) {
    queue<std::unique_ptr<int>> one{"one", 1};
    one.put(std::make_unique<int>(1));
    auto kept = std::make_unique<int>(2);
    EXPECT_EQ(one.try_put(std::move(kept)), queue_status::full);
    ASSERT_NE(kept, nullptr);
    EXPECT_EQ(**one.get(), 1);
    EXPECT_EQ(one.put(std::move(kept)), queue_status::success);
    EXPECT_EQ(**one.get(), 2);
}

}  // namespace
}  // namespace interlock
