// What std says of its threads, asked of std's and of ours alike.
#include <interlock/thread.hpp>

#include <gtest/gtest.h>
#include <pthread.h>

#include <memory>

#include "tests/unit/primitives/together.hpp"

namespace interlock {
namespace {

template <typename Thread>
class any_thread : public ::testing::Test {};
using every_thread = ::testing::Types<std::thread, interlock::thread, std::jthread, interlock::jthread>;
TYPED_TEST_SUITE(any_thread, every_thread);

TYPED_TEST(any_thread, is_moved_and_never_copied) {
    static_assert(!std::is_copy_constructible_v<TypeParam> && !std::is_copy_assignable_v<TypeParam>);
    static_assert(std::is_nothrow_move_constructible_v<TypeParam> &&
                  std::is_nothrow_default_constructible_v<TypeParam>);
}

TYPED_TEST(any_thread, runs_its_function_with_its_arguments) {
    int sum = 0;
    TypeParam one([&](int a, std::unique_ptr<int> b) { sum = a + *b; }, 3, std::make_unique<int>(4));
    EXPECT_TRUE(one.joinable());
    one.join();
    EXPECT_FALSE(one.joinable());
    EXPECT_EQ(sum, 7);
    EXPECT_THROW(one.join(), std::system_error);
}

TYPED_TEST(any_thread, is_swapped_and_moved) {
    TypeParam one([] {});
    TypeParam other;
    const auto id = one.get_id();
    swap(one, other);
    EXPECT_EQ(other.get_id(), id);
    one = std::move(other);
    EXPECT_EQ(one.get_id(), id);
    one.join();
}

TYPED_TEST(any_thread, runs_members_by_their_objects) {
    struct counter {
        int value = 0;
        void add(int more) { value += more; }
    } of;
    TypeParam one(&counter::add, &of, 5);
    one.join();
    EXPECT_EQ(of.value, 5);
}

template <typename Thread>
class any_stopped_thread : public ::testing::Test {};
using every_stopped_thread = ::testing::Types<std::jthread, interlock::jthread>;
TYPED_TEST_SUITE(any_stopped_thread, every_stopped_thread);

TYPED_TEST(any_stopped_thread, is_asked_to_stop_and_joined_at_its_end) {
    bool stopped = false;
    {
        TypeParam one([&](std::stop_token stop) {
            while (!stop.stop_requested()) std::this_thread::yield();
            stopped = true;
        });
        EXPECT_TRUE(one.get_stop_token().stop_possible());
    }
    EXPECT_TRUE(stopped);
    EXPECT_FALSE(TypeParam{}.get_stop_source().stop_possible());
}

TEST(thread_name, is_the_threads_own) {
    char seen[16] = {};
    const auto look = [&] { pthread_getname_np(pthread_self(), seen, sizeof seen); };
    thread("a worker with a long name", look).join();
#if INTERLOCK_RECORDS
    EXPECT_STREQ(seen, "a worker with a");
#endif
    jthread(
        "stopped", [&](std::stop_token, int) { look(); }, 1)
        .join();
    thread(label{"labelled"}, look).join();
}

}  // namespace
}  // namespace interlock
