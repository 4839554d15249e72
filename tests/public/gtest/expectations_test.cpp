// The expectations of <interlock/gtest.hpp>: on every kind of lock, from any thread, one inside another.
#include <pthread.h>

#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <interlock/gtest.hpp>
#include <interlock/mutex.hpp>
#include <interlock/shared_mutex.hpp>
#include <interlock/spinlock.hpp>

namespace {

template <typename Outer, typename Inner>
void nest(Outer& outer, Inner& inner) {
    const std::lock_guard hold(outer);
    const std::lock_guard hold_too(inner);
}

// -- the order of every kind of lock ------------------------------------------------------------------------------------------------------

template <typename Lock>
struct order : testing::Test {};
using locks =
    testing::Types<std::mutex, std::recursive_mutex, std::timed_mutex, std::shared_mutex, interlock::mutex,
                   interlock::recursive_mutex, interlock::timed_mutex, interlock::shared_mutex, interlock::spinlock>;
TYPED_TEST_SUITE(order, locks);

TYPED_TEST(order, as_it_was) {
    TypeParam a, b;
    nest(a, b);
    EXPECT_LOCK_ORDER(a, b);
}
TYPED_TEST(order, reversed) {
    TypeParam a, b;
    nest(a, b);
    EXPECT_LOCK_ORDER(b, a);
}

// Both have their locks at the same place.
template <typename Lock>
void expect_order(Lock (&both)[2], bool used) {
    if (used) nest(both[0], both[1]);
    EXPECT_LOCK_ORDER(both[0], both[1]);
}
TYPED_TEST(order, of_unused) {
    alignas(TypeParam) unsigned char room[2 * sizeof(TypeParam)];
    for (const bool used : {true, false}) {
        auto& both = *new (room) TypeParam[1][2];
        expect_order(both, used);
        for (TypeParam& one : both) one.~TypeParam();
    }
}

TEST(order_of_others, spinlocks) {
    pthread_spinlock_t a, b;
    pthread_spin_init(&a, PTHREAD_PROCESS_PRIVATE);
    pthread_spin_init(&b, PTHREAD_PROCESS_PRIVATE);
    pthread_spin_lock(&a);
    pthread_spin_lock(&b);
    pthread_spin_unlock(&b);
    pthread_spin_unlock(&a);
    EXPECT_LOCK_ORDER(a, b);
}
TEST(order_of_others, mixed) {
    std::mutex a;
    interlock::mutex b{"b"};
    nest(a, b);
    EXPECT_LOCK_ORDER(a, b);
}
TEST(order_of_others, native_handle) {
    interlock::mutex a{"a"}, b{"b"};
    pthread_mutex_lock(a.native_handle());
    b.lock();
    b.unlock();
    pthread_mutex_unlock(a.native_handle());
    EXPECT_LOCK_ORDER(a, b);
}

// -- from many threads at once --------------------------------------------------------------------------------------------------------------

std::mutex outer, inner;

template <typename Work>
void in_threads(Work work) {
    std::vector<std::thread> all;
    for (int i = 0; i < 8; ++i)
        all.emplace_back([work] {
            for (int turn = 0; turn < 20; ++turn) work();
        });
    for (std::thread& one : all) one.join();
}
TEST(threads, all_hold) {
    in_threads([] {
        EXPECT_NO_LOCK_INVERSION(nest(outer, inner));
        EXPECT_LOCK_ORDER(outer, inner);
        EXPECT_NO_LOCKS_HELD();
    });
}
TEST(threads, one_holds_a_lock) {
    std::thread([] {
        const std::lock_guard hold(outer);
        EXPECT_NO_LOCKS_HELD();
    }).join();
}
TEST(threads, one_inverts) {
    std::mutex a, b;
    nest(a, b);
    std::thread([&] { EXPECT_NO_LOCK_INVERSION(nest(b, a)); }).join();
}

// -- one inside another ---------------------------------------------------------------------------------------------------------------------

TEST(nested, clean) {
    std::mutex a, b, c;
    EXPECT_NO_LOCK_INVERSION({
        nest(a, b);
        EXPECT_NO_LOCK_INVERSION(nest(b, c));
        nest(a, c);
    });
}
TEST(nested, inner_inverts) {
    std::mutex a, b;
    EXPECT_NO_LOCK_INVERSION({
        nest(a, b);
        EXPECT_NO_LOCK_INVERSION(nest(b, a));
    });
}
TEST(nested, outer_inverts_before) {
    std::mutex a, b, c;
    EXPECT_NO_LOCK_INVERSION({
        nest(a, b);
        nest(b, a);
        EXPECT_NO_LOCK_INVERSION(nest(a, c));
    });
}
TEST(nested, outer_inverts_after) {
    std::mutex a, b, c;
    EXPECT_NO_LOCK_INVERSION({
        nest(a, b);
        EXPECT_NO_LOCK_INVERSION(nest(a, c));
        nest(b, a);
    });
}
constexpr interlock::lock_class trees{"tree", 10};
constexpr interlock::lock_class leaves{"leaf", 20};
TEST(nested, outer_violates_a_rank_before) {
    interlock::mutex tree{{"tree", trees}};
    interlock::mutex leaf{{"leaf", leaves}};
    std::mutex a, b;
    EXPECT_NO_LOCK_INVERSION({
        nest(leaf, tree);
        EXPECT_NO_LOCK_INVERSION(nest(a, b));
    });
}

// -- in no test -------------------------------------------------------------------------------------------------------------------------------

struct set_up_inverts : testing::Test {
    static void SetUpTestSuite() {
        std::mutex a, b;
        nest(a, b);
        EXPECT_NO_LOCK_INVERSION(nest(b, a));
    }
};
TEST_F(set_up_inverts, is_skipped) {}

struct set_up_goes_on : testing::Test {
    static void SetUpTestSuite() {
        std::mutex a, b;
        EXPECT_NO_LOCK_INVERSION(nest(a, b));
        EXPECT_LOCK_ORDER(a, b);
        nest(b, a);
    }
};
TEST_F(set_up_goes_on, is_clean) {}

}  // namespace
