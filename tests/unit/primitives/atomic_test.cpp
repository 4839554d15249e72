// What std says of atomics, asked of std's and of ours alike.
#include <interlock/atomic.hpp>

#include <gtest/gtest.h>

#include "tests/unit/primitives/together.hpp"

namespace interlock {
namespace {

using testing::many_threads;
using testing::together;

struct of_std {
    template <typename T>
    using atomic = std::atomic<T>;
};
struct of_interlock {
    template <typename T>
    using atomic = interlock::atomic<T>;
};
template <typename Family>
class any_atomic : public ::testing::Test {};
using every_family = ::testing::Types<of_std, of_interlock>;
TYPED_TEST_SUITE(any_atomic, every_family);

// The notifier's store may be relaxed to all but the waiter: whoever waits for it is woken all the same.
TYPED_TEST(any_atomic, loses_no_notification_to_a_store_of_weaker_order) {
    constexpr int rounds = 50'000;
    typename TypeParam::template atomic<int> ball{0};
    const auto play = [&](int own) {
        for (int round = 0; round < rounds; ++round) {
            for (int seen = ball.load(std::memory_order_acquire); seen % 2 != own;
                 seen = ball.load(std::memory_order_acquire))
                ball.wait(seen, std::memory_order_acquire);
            ball.store(ball.load(std::memory_order_relaxed) + 1, std::memory_order_release);
            ball.notify_one();
        }
    };
    together(2, [&](unsigned own) { play(static_cast<int>(own)); });
    EXPECT_EQ(ball.load(), 2 * rounds);
}

TYPED_TEST(any_atomic, does_what_std_says_of_integers) {
    static constinit typename TypeParam::template atomic<int> one{5};
    EXPECT_EQ(one.load(), 5);
    EXPECT_EQ(one.exchange(6), 5);
    EXPECT_EQ(one.fetch_add(2, std::memory_order_relaxed), 6);
    EXPECT_EQ(one.fetch_sub(1), 8);
    EXPECT_EQ(one.fetch_and(6), 7);
    EXPECT_EQ(one.fetch_or(1), 6);
    EXPECT_EQ(one.fetch_xor(3), 7);
    EXPECT_EQ(++one, 5);
    EXPECT_EQ(one++, 5);
    EXPECT_EQ(one += 4, 10);
    EXPECT_EQ(one -= 1, 9);
    EXPECT_EQ(--one, 8);
    EXPECT_EQ(one--, 8);
    EXPECT_EQ(one |= 8, 15);
    EXPECT_EQ(one &= 3, 3);
    EXPECT_EQ(one ^= 1, 2);
    EXPECT_EQ(one = 4, 4);
    EXPECT_EQ(static_cast<int>(one), 4);
    EXPECT_TRUE(one.is_lock_free());
}

TYPED_TEST(any_atomic, exchanges_what_it_expects_alone) {
    typename TypeParam::template atomic<long> one{1};
    long expected = 2;
    EXPECT_FALSE(one.compare_exchange_strong(expected, 3));
    EXPECT_EQ(expected, 1);
    EXPECT_TRUE(one.compare_exchange_strong(expected, 3, std::memory_order_acq_rel, std::memory_order_relaxed));
    expected = 3;
    while (!one.compare_exchange_weak(expected, 4, std::memory_order_release)) EXPECT_EQ(expected, 3);
    EXPECT_EQ(one, 4);
}

TYPED_TEST(any_atomic, holds_pointers_floats_and_structs) {
    int there[3] = {};
    typename TypeParam::template atomic<int*> pointer{there};
    EXPECT_EQ(pointer.fetch_add(2), there);
    EXPECT_EQ(--pointer, there + 1);
    typename TypeParam::template atomic<double> real{1.5};
    EXPECT_EQ(real += 1.0, 2.5);
    struct pair {
        int a, b;
    };
    typename TypeParam::template atomic<pair> both{pair{1, 2}};
    both.store(pair{3, 4});
    EXPECT_EQ(both.load().b, 4);
}

TYPED_TEST(any_atomic, wakes_who_waits_for_a_change) {
    typename TypeParam::template atomic<int> one{0};
    typename TypeParam::template atomic<char> turn{0};
    std::thread waiter([&] {
        one.wait(0);
        EXPECT_EQ(one.load(), 1);
        turn.store(1);
        turn.notify_one();
    });
    one.store(1);
    one.notify_all();
    turn.wait(0);
    waiter.join();
    one.wait(0);
}

TYPED_TEST(any_atomic, counts_for_64_threads) {
    typename TypeParam::template atomic<unsigned> one{0};
    together(many_threads, [&](unsigned) {
        for (int i = 0; i < 500; ++i) one.fetch_add(1, std::memory_order_relaxed);
    });
    EXPECT_EQ(one, many_threads * 500);
}

TYPED_TEST(any_atomic, makes_a_stack_that_loses_nothing) {
    struct node {
        int value;
        node* below;
    };
    typename TypeParam::template atomic<node*> top{nullptr};
    std::vector<node> nodes(many_threads * 50);
    together(many_threads, [&](unsigned index) {
        for (unsigned i = 0; i < 50; ++i) {
            node& mine = nodes[index * 50 + i];
            mine.value = 1;
            mine.below = top.load(std::memory_order_relaxed);
            while (!top.compare_exchange_weak(mine.below, &mine, std::memory_order_release, std::memory_order_relaxed))
                continue;
        }
    });
    int sum = 0;
    for (const node* at = top.load(std::memory_order_acquire); at != nullptr; at = at->below) sum += at->value;
    EXPECT_EQ(sum, static_cast<int>(nodes.size()));
}

TEST(atomic_label, names_it) {
    atomic<int> named{3, "named"};
    named.set_label("renamed");
    interlock::atomic_thread_fence(std::memory_order_seq_cst);
    EXPECT_EQ(named, 3);
}

}  // namespace
}  // namespace interlock
