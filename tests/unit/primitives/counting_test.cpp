// Semaphores, latches, barriers and events: std's contracts asked of std's and of ours alike.
#include <interlock/barrier.hpp>
#include <interlock/event.hpp>
#include <interlock/latch.hpp>
#include <interlock/semaphore.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <latch>
#include <semaphore>
#include <thread>
#include <vector>

#include "tests/unit/primitives/together.hpp"

namespace interlock {
namespace {

using testing::elsewhere;
using testing::many_threads;
using testing::together;
using namespace std::chrono_literals;

template <typename Semaphore>
class any_semaphore : public ::testing::Test {};
using every_semaphore = ::testing::Types<std::counting_semaphore<>, interlock::counting_semaphore<>,
                                         std::counting_semaphore<100>, interlock::counting_semaphore<100>>;
TYPED_TEST_SUITE(any_semaphore, every_semaphore);

TYPED_TEST(any_semaphore, gives_as_many_permits_as_it_has) {
    static_assert(!std::is_copy_constructible_v<TypeParam> && !std::is_move_constructible_v<TypeParam>);
    static_assert(TypeParam::max() >= 100);
    TypeParam one(2);
    EXPECT_TRUE(one.try_acquire());
    one.acquire();
    EXPECT_FALSE(one.try_acquire());
    EXPECT_FALSE(one.try_acquire_for(0ms));
    EXPECT_FALSE(one.try_acquire_for(1ms));
    EXPECT_FALSE(one.try_acquire_until(std::chrono::system_clock::now()));
    one.release(3);
    EXPECT_TRUE(one.try_acquire_for(1h));
    EXPECT_TRUE(one.try_acquire_until(std::chrono::steady_clock::now()));
    EXPECT_TRUE(one.try_acquire());
    EXPECT_FALSE(one.try_acquire());
}

TYPED_TEST(any_semaphore, may_be_released_by_another_thread) {
    TypeParam one(0);
    std::thread other([&] { one.release(); });
    one.acquire();
    other.join();
}

TYPED_TEST(any_semaphore, never_lets_more_than_its_permits_in) {
    constexpr int permits = 3;
    TypeParam one(permits);
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    together(many_threads, [&](unsigned) {
        for (int i = 0; i < 100; ++i) {
            one.acquire();
            const int now = ++inside;
            for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
            }
            --inside;
            one.release();
        }
    });
    EXPECT_LE(most, permits);
    for (int i = 0; i < permits; ++i) EXPECT_TRUE(one.try_acquire());
    EXPECT_FALSE(one.try_acquire());
}

TYPED_TEST(any_semaphore, hands_a_value_over) {
    TypeParam filled(0);
    TypeParam emptied(1);
    long value = 0;
    long sum = 0;
    std::thread other([&] {
        for (int i = 1; i <= 1000; ++i) {
            emptied.acquire();
            value = i;
            filled.release();
        }
    });
    for (int i = 1; i <= 1000; ++i) {
        filled.acquire();
        sum += value;
        emptied.release();
    }
    other.join();
    EXPECT_EQ(sum, 500'500);
}

template <typename Latch>
class any_latch : public ::testing::Test {};
using every_latch = ::testing::Types<std::latch, interlock::latch>;
TYPED_TEST_SUITE(any_latch, every_latch);

TYPED_TEST(any_latch, opens_when_it_is_counted_down) {
    TypeParam one(3);
    EXPECT_FALSE(one.try_wait());
    one.count_down(2);
    EXPECT_FALSE(one.try_wait());
    one.count_down();
    EXPECT_TRUE(one.try_wait());
    one.wait();
    TypeParam open(0);
    open.wait();
}

TYPED_TEST(any_latch, lets_64_threads_pass_after_all_have_arrived) {
    TypeParam one(many_threads);
    std::vector<int> written(many_threads, 0);
    together(many_threads, [&](unsigned i) {
        written[i] = 1;
        one.arrive_and_wait();
        int sum = 0;
        for (const int w : written) sum += w;
        EXPECT_EQ(sum, static_cast<int>(many_threads));
    });
}

struct phase_counter {
    int* phases;
    void operator()() noexcept { ++*phases; }
};

template <typename Barrier>
class any_barrier : public ::testing::Test {};
using every_barrier = ::testing::Types<std::barrier<phase_counter>, interlock::barrier<phase_counter>>;
TYPED_TEST_SUITE(any_barrier, every_barrier);

TYPED_TEST(any_barrier, completes_each_phase_once_before_anybody_of_64_threads_passes) {
    int phases = 0;
    TypeParam one(many_threads, phase_counter{&phases});
    together(many_threads, [&](unsigned) {
        for (int phase = 1; phase <= 10; ++phase) {
            one.arrive_and_wait();
            EXPECT_EQ(phases, phase);
        }
    });
}

TYPED_TEST(any_barrier, expects_one_less_after_each_drop) {
    int phases = 0;
    TypeParam one(many_threads, phase_counter{&phases});
    together(many_threads, [&](unsigned i) {
        if (i % 2 == 0) return one.arrive_and_drop();
        one.arrive_and_wait();
        EXPECT_EQ(phases, 1);
        one.arrive_and_wait();
        EXPECT_EQ(phases, 2);
    });
}

TYPED_TEST(any_barrier, may_be_arrived_at_long_before_it_is_waited_for) {
    int phases = 0;
    TypeParam one(3, phase_counter{&phases});
    auto token = one.arrive(2);
    EXPECT_EQ(phases, 0);
    elsewhere([&] {
        static_cast<void>(one.arrive());
        return 0;
    });
    one.wait(std::move(token));
    EXPECT_EQ(phases, 1);
}

template <typename Event>
class any_event : public ::testing::Test {};
using every_event = ::testing::Types<manual_reset_event, auto_reset_event>;
TYPED_TEST_SUITE(any_event, every_event);

TYPED_TEST(any_event, is_passed_once_it_is_set) {
    TypeParam one("one");
    EXPECT_FALSE(one.try_wait());
    EXPECT_FALSE(one.wait_for(1ms));
    EXPECT_FALSE(one.wait_until(std::chrono::system_clock::now()));
    int value = 0;
    std::thread other([&] {
        value = 7;
        one.set();
    });
    one.wait();
    EXPECT_EQ(value, 7);
    other.join();
    one.set();
    one.reset();
    EXPECT_FALSE(one.try_wait());
    TypeParam set({}, true);
    EXPECT_TRUE(set.wait_for(1h));
}

TEST(manual_reset_event, lets_everybody_pass_until_it_is_reset) {
    manual_reset_event one;
    std::atomic<unsigned> passed{0};
    together(many_threads, [&](unsigned i) {
        if (i == many_threads - 1) return one.set();
        one.wait();
        ++passed;
    });
    EXPECT_EQ(passed, many_threads - 1);
    EXPECT_TRUE(one.try_wait());
}

TEST(auto_reset_event, lets_one_pass_for_each_time_it_is_set) {
    auto_reset_event one({}, true);
    auto_reset_event other;
    long shared = 0;
    together(many_threads, [&](unsigned i) {
        for (int turn = 0; turn < 20; ++turn) {
            if (i % 2 == 0) {
                one.wait();
                ++shared;
                other.set();
            } else {
                other.wait();
                ++shared;
                one.set();
            }
        }
    });
    EXPECT_EQ(shared, many_threads * 20);
}

}  // namespace
}  // namespace interlock
