// The expectations of <interlock/gtest.hpp>: on every kind of lock.
#include <pthread.h>

#include <mutex>
#include <shared_mutex>

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

}  // namespace
