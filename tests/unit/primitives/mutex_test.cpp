// What std says of its mutexes, asked of std's and of ours alike.
#include <interlock/mutex.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <thread>
#include <type_traits>

#include "tests/unit/primitives/together.hpp"

namespace interlock {
namespace {

using testing::elsewhere;
using testing::many_threads;
using testing::together;

template <typename Mutex>
class any_mutex : public ::testing::Test {};
using every_mutex =
    ::testing::Types<std::mutex, interlock::mutex, std::timed_mutex, interlock::timed_mutex, std::recursive_mutex,
                     interlock::recursive_mutex, std::recursive_timed_mutex, interlock::recursive_timed_mutex>;
TYPED_TEST_SUITE(any_mutex, every_mutex);

TYPED_TEST(any_mutex, is_neither_copied_nor_moved) {
    static_assert(std::is_default_constructible_v<TypeParam> && std::is_destructible_v<TypeParam>);
    static_assert(!std::is_copy_constructible_v<TypeParam> && !std::is_copy_assignable_v<TypeParam>);
    static_assert(!std::is_move_constructible_v<TypeParam> && !std::is_move_assignable_v<TypeParam>);
    static_assert(std::is_same_v<decltype(std::declval<TypeParam&>().lock()), void>);
    static_assert(std::is_same_v<decltype(std::declval<TypeParam&>().try_lock()), bool>);
    static_assert(std::is_same_v<decltype(std::declval<TypeParam&>().unlock()), void>);
    static_assert(std::is_same_v<typename TypeParam::native_handle_type, pthread_mutex_t*>);
}

TEST(mutex, can_be_initialised_before_the_program_runs) {
    static constinit interlock::mutex one;
    const std::lock_guard held(one);
    EXPECT_FALSE(elsewhere([&] { return one.try_lock(); }));
    static_assert(std::is_nothrow_default_constructible_v<interlock::mutex>);
}

TYPED_TEST(any_mutex, excludes_others_until_it_is_unlocked) {
    TypeParam one;
    one.lock();
    EXPECT_FALSE(elsewhere([&] { return one.try_lock(); }));
    one.unlock();
    EXPECT_TRUE(one.try_lock());
    EXPECT_FALSE(elsewhere([&] { return one.try_lock(); }));
    one.unlock();
}

TYPED_TEST(any_mutex, serves_the_lock_wrappers_of_std) {
    TypeParam one;
    TypeParam other;
    {
        const std::scoped_lock both(one, other);
        EXPECT_FALSE(elsewhere([&] { return one.try_lock(); }));
        EXPECT_FALSE(elsewhere([&] { return other.try_lock(); }));
    }
    std::unique_lock first(one, std::defer_lock);
    std::unique_lock second(other, std::try_to_lock);
    EXPECT_TRUE(second.owns_lock());
    EXPECT_TRUE(first.try_lock());
    first.unlock();
    second.unlock();
    std::lock(first, second);
    EXPECT_TRUE(first.owns_lock() && second.owns_lock());
    first.unlock();
    second.unlock();
    EXPECT_EQ(std::try_lock(first, second), -1);
    EXPECT_THROW(first.lock(), std::system_error);
}

TYPED_TEST(any_mutex, is_one_with_its_native_handle) {
    TypeParam one;
    one.lock();
    EXPECT_EQ(elsewhere([&] { return pthread_mutex_trylock(one.native_handle()); }), EBUSY);
    one.unlock();
    EXPECT_EQ(pthread_mutex_lock(one.native_handle()), 0);
    EXPECT_FALSE(elsewhere([&] { return one.try_lock(); }));
    EXPECT_EQ(pthread_mutex_unlock(one.native_handle()), 0);
    EXPECT_TRUE(one.try_lock());
    one.unlock();
}

TYPED_TEST(any_mutex, keeps_errno) {
    TypeParam one;
    errno = ENOTTY;
    one.lock();
    one.unlock();
    EXPECT_EQ(errno, ENOTTY);
}

TYPED_TEST(any_mutex, excludes_64_threads_from_each_other) {
    TypeParam one;
    std::uint64_t sum = 0;
    together(many_threads, [&](unsigned) {
        for (int i = 0; i < 500; ++i) {
            const std::lock_guard held(one);
            ++sum;
        }
    });
    EXPECT_EQ(sum, many_threads * 500u);
}

template <typename Mutex>
class any_timed_mutex : public ::testing::Test {};
using every_timed_mutex = ::testing::Types<std::timed_mutex, interlock::timed_mutex, std::recursive_timed_mutex,
                                           interlock::recursive_timed_mutex>;
TYPED_TEST_SUITE(any_timed_mutex, every_timed_mutex);

/// A clock that std does not know. It stands still unless it is told to go on.
struct stopped_clock {
    using duration = std::chrono::milliseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<stopped_clock>;
    static constexpr bool is_steady = false;
    static inline std::atomic<rep> now_ms{0};
    static time_point now() { return time_point(duration(now_ms++)); }
};

TYPED_TEST(any_timed_mutex, gives_up_when_the_time_is_over) {
    using namespace std::chrono;
    TypeParam one;
    const std::lock_guard held(one);
    EXPECT_FALSE(elsewhere([&] { return one.try_lock_for(milliseconds(0)); }));
    EXPECT_FALSE(elsewhere([&] { return one.try_lock_for(milliseconds(-1)); }));
    EXPECT_FALSE(elsewhere([&] { return one.try_lock_for(milliseconds(2)); }));
    EXPECT_FALSE(elsewhere([&] { return one.try_lock_until(system_clock::now()); }));
    EXPECT_FALSE(elsewhere([&] { return one.try_lock_until(steady_clock::now() + microseconds(10)); }));
    EXPECT_FALSE(elsewhere([&] { return one.try_lock_until(stopped_clock::now() + milliseconds(3)); }));
}

TYPED_TEST(any_timed_mutex, is_acquired_when_it_is_free_before_then) {
    using namespace std::chrono;
    TypeParam one;
    EXPECT_TRUE(one.try_lock_for(milliseconds(0)));
    one.unlock();
    EXPECT_TRUE(one.try_lock_until(system_clock::now() + hours(1)));
    std::atomic<bool> asked{false};
    std::thread other([&] {
        asked = true;
        EXPECT_TRUE(one.try_lock_for(hours(1)));
        one.unlock();
    });
    while (!asked) std::this_thread::yield();
    one.unlock();
    other.join();
    std::unique_lock<TypeParam> wrapped(one, hours(1));
    EXPECT_TRUE(wrapped.owns_lock());
}

template <typename Mutex>
class any_recursive_mutex : public ::testing::Test {};
using every_recursive_mutex = ::testing::Types<std::recursive_mutex, interlock::recursive_mutex,
                                               std::recursive_timed_mutex, interlock::recursive_timed_mutex>;
TYPED_TEST_SUITE(any_recursive_mutex, every_recursive_mutex);

TYPED_TEST(any_recursive_mutex, is_free_when_unlocked_as_often_as_locked) {
    TypeParam one;
    for (int i = 0; i < 5; ++i) one.lock();
    EXPECT_TRUE(one.try_lock());
    const auto other_has_it = [&] {
        if (!one.try_lock()) return false;
        one.unlock();
        return true;
    };
    for (int i = 0; i < 6; ++i) {
        EXPECT_FALSE(elsewhere(other_has_it));
        one.unlock();
    }
    EXPECT_TRUE(elsewhere(other_has_it));
}

template <typename Flag>
class any_once_flag : public ::testing::Test {};
using every_once_flag = ::testing::Types<std::once_flag, interlock::once_flag>;
TYPED_TEST_SUITE(any_once_flag, every_once_flag);

TYPED_TEST(any_once_flag, lets_one_of_64_threads_run_and_all_others_wait_for_it) {
    TypeParam flag;
    int runs = 0;
    together(many_threads, [&](unsigned) {
        call_once(
            flag, [&](int by) { runs += by; }, 1);
        EXPECT_EQ(runs, 1);
    });
}

TYPED_TEST(any_once_flag, hands_an_exception_on_and_lets_the_next_try) {
    TypeParam flag;
    int runs = 0;
    const auto fail = [&] {
        ++runs;
        throw runs;
    };
    EXPECT_THROW(call_once(flag, fail), int);
    EXPECT_THROW(call_once(flag, fail), int);
    call_once(flag, [&] { ++runs; });
    call_once(flag, fail);
    EXPECT_EQ(runs, 3);
}

TEST(mutex_label, can_be_anything_that_names) {
    static constexpr lock_class accounts{"accounts", 3};
    static constinit mutex constant{{"constant", accounts, 1}};
    mutex named{"named"};
    mutex classed{{accounts}};
    named.set_label({"renamed", accounts});
    const std::scoped_lock all(constant, named, classed);
}

}  // namespace
}  // namespace interlock
