// What std says of promises, futures, tasks and async, asked of std's and of ours alike.
#include <interlock/future.hpp>
#include <interlock/thread.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <memory_resource>

#include "tests/unit/primitives/together.hpp"

namespace interlock {
namespace {

using testing::many_threads;
using testing::together;

struct of_std {
    template <typename R>
    using promise = std::promise<R>;
    template <typename R>
    using future = std::future<R>;
    template <typename R>
    using shared_future = std::shared_future<R>;
    template <typename Signature>
    using packaged_task = std::packaged_task<Signature>;
    template <typename... All>
    static auto async(All&&... all) {
        return std::async(std::forward<All>(all)...);
    }
};
struct of_interlock {
    template <typename R>
    using promise = interlock::promise<R>;
    template <typename R>
    using future = interlock::future<R>;
    template <typename R>
    using shared_future = interlock::shared_future<R>;
    template <typename Signature>
    using packaged_task = interlock::packaged_task<Signature>;
    template <typename... All>
    static auto async(All&&... all) {
        return interlock::async(std::forward<All>(all)...);
    }
};

template <typename Family>
class any_future : public ::testing::Test {};
using every_family = ::testing::Types<of_std, of_interlock>;
TYPED_TEST_SUITE(any_future, every_family);

template <typename What>
std::error_code code_of(What what) {
    try {
        what();
    } catch (const std::future_error& error) {
        return error.code();
    }
    return {};
}

TYPED_TEST(any_future, has_the_types_of_std) {
    using promise = typename TypeParam::template promise<int>;
    using future = typename TypeParam::template future<int>;
    using shared = typename TypeParam::template shared_future<int>;
    static_assert(!std::is_copy_constructible_v<promise> && std::is_nothrow_move_constructible_v<promise>);
    static_assert(!std::is_copy_constructible_v<future> && std::is_nothrow_move_constructible_v<future>);
    static_assert(std::is_nothrow_default_constructible_v<future> && std::is_copy_constructible_v<shared>);
    static_assert(std::is_same_v<decltype(std::declval<future&>().get()), int>);
    static_assert(std::is_same_v<decltype(std::declval<const shared&>().get()), const int&>);
    static_assert(
        std::is_same_v<decltype(std::declval<const typename TypeParam::template shared_future<int&>&>().get()), int&>);
    static_assert(std::is_same_v<decltype(std::declval<typename TypeParam::template future<void>&>().get()), void>);
    static_assert(std::uses_allocator_v<promise, std::allocator<int>>);
}

TYPED_TEST(any_future, hands_a_value_over) {
    typename TypeParam::template promise<std::unique_ptr<int>> promise;
    auto future = promise.get_future();
    EXPECT_TRUE(future.valid());
    EXPECT_EQ(future.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    std::thread setter([&] { promise.set_value(std::make_unique<int>(7)); });
    EXPECT_EQ(*future.get(), 7);
    EXPECT_FALSE(future.valid());
    setter.join();
}

TYPED_TEST(any_future, hands_a_reference_and_nothing_over) {
    int there = 3;
    typename TypeParam::template promise<int&> promise;
    auto future = promise.get_future();
    promise.set_value(there);
    EXPECT_EQ(&future.get(), &there);
    typename TypeParam::template promise<void> empty;
    auto done = empty.get_future();
    empty.set_value();
    EXPECT_EQ(done.wait_until(std::chrono::steady_clock::time_point{}), std::future_status::ready);
    done.get();
}

TYPED_TEST(any_future, rethrows_the_exception_set) {
    typename TypeParam::template promise<int> promise;
    auto future = promise.get_future();
    promise.set_exception(std::make_exception_ptr(std::runtime_error("no")));
    EXPECT_THROW(future.get(), std::runtime_error);
}

TYPED_TEST(any_future, refuses_what_std_refuses) {
    typename TypeParam::template promise<int> promise;
    EXPECT_FALSE(code_of([&] { (void)promise.get_future(); }));
    EXPECT_EQ(code_of([&] { (void)promise.get_future(); }), std::future_errc::future_already_retrieved);
    promise.set_value(1);
    EXPECT_EQ(code_of([&] { promise.set_value(2); }), std::future_errc::promise_already_satisfied);
    EXPECT_EQ(code_of([&] { promise.set_exception(nullptr == nullptr ? std::make_exception_ptr(1) : nullptr); }),
              std::future_errc::promise_already_satisfied);
    auto gone = std::move(promise);
    EXPECT_EQ(code_of([&] { promise.set_value(2); }), std::future_errc::no_state);
    typename TypeParam::template packaged_task<int()> empty;
    EXPECT_EQ(code_of([&] { (void)empty.get_future(); }), std::future_errc::no_state);
}

TYPED_TEST(any_future, learns_that_its_promise_is_broken) {
    typename TypeParam::template future<int> future;
    {
        typename TypeParam::template promise<int> promise;
        future = promise.get_future();
    }
    EXPECT_EQ(code_of([&] { future.get(); }), std::future_errc::broken_promise);
    {
        typename TypeParam::template packaged_task<int()> task([] { return 1; });
        future = task.get_future();
    }
    EXPECT_EQ(code_of([&] { future.get(); }), std::future_errc::broken_promise);
}

struct throws_when_copied {
    throws_when_copied() = default;
    throws_when_copied(const throws_when_copied&) { throw 1; }
    throws_when_copied(throws_when_copied&&) noexcept = default;
};

TYPED_TEST(any_future, is_shared_by_many) {
    typename TypeParam::template promise<int> promise;
    const typename TypeParam::template shared_future<int> shared = promise.get_future().share();
    std::atomic<int> sum{0};
    std::thread setter([&] { promise.set_value(2); });
    together(many_threads, [&](unsigned) {
        const auto mine = shared;
        mine.wait();
        sum += mine.get();
    });
    setter.join();
    EXPECT_EQ(sum, 2 * static_cast<int>(many_threads));
}

TYPED_TEST(any_future, is_set_when_its_thread_has_ended) {
    typename TypeParam::template promise<int> promise;
    const typename TypeParam::template shared_future<int> shared = promise.get_future().share();
    std::thread setter([&, mine = shared] {
        promise.set_value_at_thread_exit(5);
        EXPECT_EQ(mine.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    });
    EXPECT_EQ(shared.get(), 5);
    setter.join();
    typename TypeParam::template packaged_task<int(int)> task([](int given) { return given + 1; });
    auto future = task.get_future();
    std::thread runner([&] { task.make_ready_at_thread_exit(8); });
    EXPECT_EQ(future.get(), 9);
    runner.join();
}

TYPED_TEST(any_future, of_a_task_has_what_the_task_returns) {
    typename TypeParam::template packaged_task<int(int, std::unique_ptr<int>)> task(
        [](int a, std::unique_ptr<int> b) { return a + *b; });
    EXPECT_TRUE(task.valid());
    auto future = task.get_future();
    task(3, std::make_unique<int>(4));
    EXPECT_EQ(future.get(), 7);
    EXPECT_EQ(code_of([&] { task(1, nullptr); }), std::future_errc::promise_already_satisfied);
    task.reset();
    future = task.get_future();
    task(1, std::make_unique<int>(1));
    EXPECT_EQ(future.get(), 2);
    typename TypeParam::template packaged_task<void()> throws([] { throw std::logic_error("no"); });
    auto failed = throws.get_future();
    throws();
    EXPECT_THROW(failed.get(), std::logic_error);
}

TYPED_TEST(any_future, of_async_runs_elsewhere_or_when_asked) {
    const auto here = std::this_thread::get_id();
    auto elsewhere = TypeParam::async(std::launch::async, [] { return std::this_thread::get_id(); });
    EXPECT_NE(elsewhere.get(), here);
    auto later = TypeParam::async(
        std::launch::deferred,
        [](int given) {
            if (given == 0) throw std::runtime_error("no");
            return std::this_thread::get_id();
        },
        1);
    EXPECT_EQ(later.wait_for(std::chrono::hours(1)), std::future_status::deferred);
    EXPECT_EQ(later.get(), here);
    auto any = TypeParam::async([](std::unique_ptr<int> given) { return *given; }, std::make_unique<int>(6));
    EXPECT_EQ(any.get(), 6);
    bool ended = false;
    {
        auto waits = TypeParam::async(std::launch::async, [&] { ended = true; });
    }
    EXPECT_TRUE(ended);
}

TYPED_TEST(any_future, passes_between_64_threads) {
    std::vector<typename TypeParam::template promise<unsigned>> promises(many_threads);
    std::vector<typename TypeParam::template future<unsigned>> futures;
    for (auto& one : promises) futures.push_back(one.get_future());
    // Each but the first waits for the one before it.
    together(many_threads,
             [&](unsigned index) { promises[index].set_value(index == 0 ? 0 : futures[index - 1].get() + 1); });
    EXPECT_EQ(futures.back().get(), many_threads - 1);
}

TEST(future_label, names_promises_tasks_and_threads) {
    promise<int> named{"answer"};
    packaged_task<int()> task{"work", [] { return 1; }};
    auto future = async(launch::async, "runner", [] { return 2; });
    auto got = task.get_future();
    task();
    EXPECT_EQ(got.get() + future.get(), 3);
    named.set_label("renamed");
}

#if INTERLOCK_RECORDS
TEST(future_allocator, is_what_the_state_is_made_with) {
    std::pmr::monotonic_buffer_resource memory;
    promise<int> made(std::allocator_arg, std::pmr::polymorphic_allocator<int>(&memory));
    auto future = made.get_future();
    made.set_value(4);
    EXPECT_EQ(future.get(), 4);
}

TEST(future_value, that_cannot_be_copied_leaves_the_promise_as_it_was) {
    promise<throws_when_copied> unset;
    auto future = unset.get_future();
    const throws_when_copied value;
    EXPECT_THROW(unset.set_value(value), int);
    unset.set_value(throws_when_copied{});
    (void)future.get();
}
#endif

}  // namespace
}  // namespace interlock
