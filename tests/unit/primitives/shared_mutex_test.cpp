// Shared mutexes and spin locks: std's contracts asked of std's and of ours alike, and what the policies promise.
#include <interlock/hierarchy.hpp>
#include <interlock/shared_mutex.hpp>
#include <interlock/spinlock.hpp>
#include <interlock/striped_mutex.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "tests/unit/primitives/together.hpp"

namespace interlock {
namespace {

using testing::elsewhere;
using testing::many_threads;
using testing::together;
using namespace std::chrono_literals;

template <typename Mutex>
bool is_free(Mutex& one) {
    return elsewhere([&] {
        if (!one.try_lock()) return false;
        one.unlock();
        return true;
    });
}
template <typename Mutex>
bool is_free_to_share(Mutex& one) {
    return elsewhere([&] {
        if (!one.try_lock_shared()) return false;
        one.unlock_shared();
        return true;
    });
}

template <typename Mutex>
class any_shared_mutex : public ::testing::Test {};
using every_shared_mutex =
    ::testing::Types<std::shared_mutex, interlock::shared_mutex, std::shared_timed_mutex, interlock::shared_timed_mutex,
                     reader_preferring_mutex, writer_preferring_mutex, fair_shared_mutex>;
TYPED_TEST_SUITE(any_shared_mutex, every_shared_mutex);

TYPED_TEST(any_shared_mutex, is_shared_by_readers_and_excluded_by_writers) {
    static_assert(!std::is_copy_constructible_v<TypeParam> && !std::is_move_constructible_v<TypeParam>);
    TypeParam one;
    {
        const std::shared_lock reads(one);
        EXPECT_TRUE(is_free_to_share(one));
        EXPECT_FALSE(is_free(one));
    }
    const std::unique_lock writes(one);
    EXPECT_FALSE(is_free_to_share(one));
    EXPECT_FALSE(is_free(one));
}

TYPED_TEST(any_shared_mutex, keeps_64_readers_and_writers_apart) {
    TypeParam one;
    long first = 0;
    long second = 0;
    std::atomic<long> torn{0};
    together(many_threads, [&](unsigned i) {
        for (int turn = 0; turn < 100; ++turn) {
            if (i % 4 == 0) {
                const std::lock_guard writes(one);
                ++first;
                ++second;
            } else {
                const std::shared_lock reads(one);
                if (first != second) ++torn;
            }
        }
    });
    EXPECT_EQ(torn, 0);
    EXPECT_EQ(first, many_threads / 4 * 100);
}

template <typename Mutex>
class any_shared_timed_mutex : public ::testing::Test {};
using every_shared_timed_mutex = ::testing::Types<std::shared_timed_mutex, interlock::shared_timed_mutex,
                                                  reader_preferring_mutex, writer_preferring_mutex, fair_shared_mutex>;
TYPED_TEST_SUITE(any_shared_timed_mutex, every_shared_timed_mutex);

TYPED_TEST(any_shared_timed_mutex, gives_up_when_the_time_is_over) {
    TypeParam one;
    one.lock();
    EXPECT_FALSE(elsewhere([&] { return one.try_lock_for(1ms); }));
    EXPECT_FALSE(elsewhere([&] { return one.try_lock_until(std::chrono::system_clock::now()); }));
    EXPECT_FALSE(elsewhere([&] { return one.try_lock_shared_for(1ms); }));
    EXPECT_FALSE(elsewhere([&] { return one.try_lock_shared_until(std::chrono::steady_clock::now()); }));
    one.unlock();
    EXPECT_TRUE(one.try_lock_shared_for(1h));
    EXPECT_FALSE(elsewhere([&] { return one.try_lock_for(1ms); }));
    EXPECT_TRUE(is_free_to_share(one));  // who gave up stands in nobody's way
    one.unlock_shared();
    EXPECT_TRUE(one.try_lock_for(1h));
    one.unlock();
}

/// A reader is in and a writer waits: may another reader enter?
template <typename Mutex>
bool reader_overtakes_a_waiting_writer() {
    Mutex one;
    one.lock_shared();
    std::thread writer([&] {
        one.lock();
        one.unlock();
    });
    while (one.statistics().writers_waited == 0) std::this_thread::yield();
    const bool entered = is_free_to_share(one);
    one.unlock_shared();
    writer.join();
    return entered;
}

TEST(preferring_shared_mutex, lets_readers_overtake_a_writer_only_where_readers_are_preferred) {
    EXPECT_TRUE(reader_overtakes_a_waiting_writer<reader_preferring_mutex>());
    EXPECT_FALSE(reader_overtakes_a_waiting_writer<writer_preferring_mutex>());
    EXPECT_FALSE(reader_overtakes_a_waiting_writer<fair_shared_mutex>());
}

/// A writer is in; a reader asks, then a writer. Who comes first?
template <typename Mutex>
bool second_writer_comes_before_the_reader() {
    Mutex one;
    std::atomic<int> order{0};
    int reader_at = 0;
    int writer_at = 0;
    one.lock();
    std::thread reader([&] {
        const std::shared_lock reads(one);
        reader_at = ++order;
    });
    while (one.statistics().readers_waited == 0) std::this_thread::yield();
    std::thread writer([&] {
        const std::lock_guard writes(one);
        writer_at = ++order;
    });
    while (one.statistics().writers_waited == 0) std::this_thread::yield();
    one.unlock();
    reader.join();
    writer.join();
    return writer_at < reader_at;
}

TEST(preferring_shared_mutex, serves_the_preferred_side_first_and_else_in_order) {
    EXPECT_FALSE(second_writer_comes_before_the_reader<reader_preferring_mutex>());
    EXPECT_TRUE(second_writer_comes_before_the_reader<writer_preferring_mutex>());
    EXPECT_FALSE(second_writer_comes_before_the_reader<fair_shared_mutex>());
}

TEST(preferring_shared_mutex, counts_who_was_passed_over) {
    reader_preferring_mutex one;
    one.lock_shared();
    std::thread writer([&] {
        one.lock();
        one.unlock();
    });
    while (one.statistics().writers_waited == 0) std::this_thread::yield();
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(is_free_to_share(one));
    one.unlock_shared();
    writer.join();
    EXPECT_EQ(one.statistics().writers_passed_over_max, 5u);
    EXPECT_EQ(one.statistics().readers_passed_over_max, 0u);
}

TEST(preferring_shared_mutex, upgrades_when_the_other_readers_have_left_and_not_twice_at_once) {
    fair_shared_mutex one;
    one.lock_shared();
    EXPECT_TRUE(one.try_upgrade());
    EXPECT_FALSE(is_free_to_share(one));
    one.downgrade();
    EXPECT_TRUE(is_free_to_share(one));
    std::atomic<int> step{0};
    std::thread other([&] {
        one.lock_shared();
        step = 1;
        while (step != 2) std::this_thread::yield();
        // The first upgrade is waiting: it closes the lock to readers.
        while (is_free_to_share(one)) std::this_thread::yield();
        EXPECT_THROW(one.upgrade(), std::system_error);
        EXPECT_FALSE(one.try_upgrade());
        one.unlock_shared();
    });
    while (step != 1) std::this_thread::yield();
    EXPECT_FALSE(one.try_upgrade());
    step = 2;
    one.upgrade();
    EXPECT_FALSE(is_free_to_share(one));
    one.unlock();
    other.join();
}

template <typename Mutex>
class any_spinlock : public ::testing::Test {};
using every_spinlock = ::testing::Types<spinlock, ticket_lock>;
TYPED_TEST_SUITE(any_spinlock, every_spinlock);

TYPED_TEST(any_spinlock, excludes_64_threads_from_each_other) {
    TypeParam one("one");
    long sum = 0;
    together(many_threads, [&](unsigned) {
        for (int i = 0; i < 200; ++i) {
            const std::lock_guard held(one);
            ++sum;
        }
    });
    EXPECT_EQ(sum, many_threads * 200);
    EXPECT_TRUE(one.try_lock());
    EXPECT_FALSE(is_free(one));
    one.unlock();
    EXPECT_TRUE(is_free(one));
}

TEST(striped_mutex, gives_equal_keys_one_stripe_and_locks_several_without_deadlock) {
    striped_mutex<int> stripes(6);
    EXPECT_EQ(stripes.stripe_count(), 8u);
    EXPECT_EQ(&stripes[7], &stripes[7]);
    std::vector<long> sums(16, 0);
    together(many_threads, [&](unsigned i) {
        for (unsigned turn = 0; turn < 50; ++turn) {
            const int a = static_cast<int>((i + turn) % 16);
            const int b = static_cast<int>((i * 7 + 3 * turn) % 16);
            const auto held = stripes.lock(a, b, a);
            ++sums[static_cast<std::size_t>(a)];
            ++sums[static_cast<std::size_t>(b)];
        }
    });
    long sum = 0;
    for (const long one : sums) sum += one;
    EXPECT_EQ(sum, many_threads * 50 * 2);
    const auto all = stripes.lock_all();
    EXPECT_FALSE(is_free(stripes[1]));
}

TEST(scoped_in_rank_order, acquires_by_rank_whatever_the_order_of_its_arguments) {
    static constexpr lock_class low{"low", 1};
    static constexpr lock_class high{"high", 2};
    ranked<> first("first", low);
    ranked<> second("second", low, 1);
    ranked<> third("third", high);
    together(many_threads, [&](unsigned i) {
        for (int turn = 0; turn < 20; ++turn) {
            if (i % 2 == 0)
                const scoped_in_rank_order held(first, second, third);
            else
                const scoped_in_rank_order held(third, first, second);
        }
    });
    const scoped_in_rank_order held(third, second, first);
    EXPECT_FALSE(is_free(first));
}

}  // namespace
}  // namespace interlock
