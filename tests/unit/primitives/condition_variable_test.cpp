// Condition variables: std's contracts asked of std's and of ours alike.
#include <interlock/condition_variable.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <thread>

#include "tests/unit/primitives/together.hpp"

namespace interlock {
namespace {

using testing::many_threads;
using testing::together;
using namespace std::chrono_literals;

struct of_std {
    using mutex = std::mutex;
    using condition = std::condition_variable;
};
struct of_std_any {
    using mutex = std::recursive_mutex;
    using condition = std::condition_variable_any;
};
struct ours {
    using mutex = interlock::mutex;
    using condition = interlock::condition_variable;
};
struct ours_any {
    using mutex = interlock::recursive_mutex;
    using condition = interlock::condition_variable_any;
};

template <typename Types>
class any_condition : public ::testing::Test {};
using every_condition = ::testing::Types<of_std, of_std_any, ours, ours_any>;
TYPED_TEST_SUITE(any_condition, every_condition);

TYPED_TEST(any_condition, wakes_who_waits_for_a_predicate) {
    typename TypeParam::mutex m;
    typename TypeParam::condition changed;
    int turn = 0;
    std::thread other([&] {
        std::unique_lock held(m);
        for (int i = 1; i < 100; i += 2) {
            changed.wait(held, [&] { return turn == i; });
            ++turn;
            changed.notify_one();
        }
    });
    std::unique_lock held(m);
    for (int i = 0; i < 100; i += 2) {
        while (turn != i) changed.wait(held);
        ++turn;
        changed.notify_one();
    }
    held.unlock();
    other.join();
    EXPECT_EQ(turn, 100);
}

TYPED_TEST(any_condition, gives_up_when_the_time_is_over_and_holds_the_lock) {
    typename TypeParam::mutex m;
    typename TypeParam::condition never;
    std::unique_lock held(m);
    EXPECT_FALSE(never.wait_for(held, 1ms, [] { return false; }));
    EXPECT_TRUE(never.wait_for(held, 0ms, [] { return true; }));
    EXPECT_FALSE(never.wait_until(held, std::chrono::system_clock::now() - 1h, [] { return false; }));
    while (never.wait_for(held, 1ms) != std::cv_status::timeout) {
    }
    EXPECT_EQ(never.wait_until(held, std::chrono::steady_clock::now() - 1h), std::cv_status::timeout);
    EXPECT_TRUE(held.owns_lock());
}

TYPED_TEST(any_condition, serves_a_queue_of_64_threads) {
    typename TypeParam::mutex m;
    typename TypeParam::condition filled;
    typename TypeParam::condition emptied;
    std::deque<int> items;
    long sum = 0;
    together(many_threads, [&](unsigned i) {
        for (int turn = 0; turn < 50; ++turn) {
            std::unique_lock held(m);
            if (i % 2 == 0) {
                emptied.wait(held, [&] { return items.size() < 4; });
                items.push_back(1);
                filled.notify_one();
            } else {
                filled.wait(held, [&] { return !items.empty(); });
                sum += items.front();
                items.pop_front();
                emptied.notify_one();
            }
        }
    });
    EXPECT_EQ(sum, many_threads / 2 * 50);
}

TYPED_TEST(any_condition, wakes_all_64_threads) {
    typename TypeParam::mutex m;
    typename TypeParam::condition opened;
    bool open = false;
    std::atomic<unsigned> waiting{0};
    together(many_threads, [&](unsigned i) {
        std::unique_lock held(m);
        if (i == 0) {
            held.unlock();
            while (waiting != many_threads - 1) std::this_thread::yield();
            held.lock();
            open = true;
            opened.notify_all();
            return;
        }
        ++waiting;
        opened.wait(held, [&] { return open; });
    });
    EXPECT_TRUE(open);
}

template <typename Condition>
class any_stoppable_condition : public ::testing::Test {};
using every_stoppable_condition = ::testing::Types<std::condition_variable_any, interlock::condition_variable_any>;
TYPED_TEST_SUITE(any_stoppable_condition, every_stoppable_condition);

TYPED_TEST(any_stoppable_condition, ends_its_waits_when_a_stop_is_requested) {
    for (int i = 0; i < 100; ++i) {
        interlock::mutex m;
        TypeParam never;
        std::atomic<bool> about_to_wait{false};
        std::jthread waiter([&](std::stop_token stop) {
            std::unique_lock held(m);
            about_to_wait = true;
            if (i % 2 == 0)
                EXPECT_FALSE(never.wait(held, stop, [] { return false; }));
            else
                EXPECT_FALSE(never.wait_for(held, stop, 1h, [] { return false; }));
            EXPECT_TRUE(held.owns_lock());
        });
        while (!about_to_wait) std::this_thread::yield();
        waiter.request_stop();
    }
}

std::atomic<bool> local_destroyed{false};
struct destroyed_late {
    bool used = false;
    ~destroyed_late() {
        std::this_thread::sleep_for(20ms);  // a notification before would come first
        local_destroyed = true;
    }
};

TEST(condition_variable, notifies_when_a_thread_has_ended) {
    interlock::mutex m;
    interlock::condition_variable ended;
    bool done = false;
    std::unique_lock held(m);
    std::thread other([&] {
        static thread_local destroyed_late local;
        local.used = true;
        std::unique_lock mine(m);
        done = true;
        interlock::notify_all_at_thread_exit(ended, std::move(mine));
    });
    ended.wait(held, [&] { return done; });
    EXPECT_TRUE(local_destroyed);
    held.unlock();
    other.join();
}

}  // namespace
}  // namespace interlock
