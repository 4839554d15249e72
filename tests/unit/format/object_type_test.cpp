// What each kind of object implies, kind by kind.
#include "instrument/format/object_type.hpp"

#include <gtest/gtest.h>

#include <set>

namespace interlock::format {
namespace {

std::set<object_type> all_that(bool (*predicate)(object_type)) {
    std::set<object_type> found;
    for (int value = 0; value < 256; ++value)
        if (const auto type = static_cast<object_type>(value); predicate(type)) found.insert(type);
    return found;
}

using enum object_type;
const std::set<object_type> mutexes = {mutex, recursive_mutex, error_checking_mutex, adaptive_mutex};
const std::set<object_type> rwlocks = {shared_mutex, shared_mutex_writer_priority};
const std::set<object_type> openmp = {omp_lock, omp_nest_lock, omp_critical};

std::set<object_type> operator|(std::set<object_type> a, const std::set<object_type>& b) {
    a.insert(b.begin(), b.end());
    return a;
}

TEST(object_type, tells_what_the_c_library_makes) {
    EXPECT_EQ(all_that([](object_type t) { return is_pthread_mutex(t); }), mutexes);
    EXPECT_EQ(all_that([](object_type t) { return is_pthread_rwlock(t); }), rwlocks);
    EXPECT_EQ(all_that([](object_type t) { return is_pthread_lock(t); }), (mutexes | rwlocks | std::set{spinlock}));
}

TEST(object_type, binds_every_lock_but_semaphores_and_the_users_to_its_thread) {
    const auto bound = all_that([](object_type t) { return is_bound_to_thread(t); });
    EXPECT_EQ(bound, (mutexes | rwlocks | openmp | std::set{spinlock, shared_mutex_fair, timed_mutex, ticket_lock}));
    EXPECT_EQ(all_that([](object_type t) { return is_lock(t); }), (bound | std::set{semaphore, user_lock}));
}

TEST(object_type, lets_readers_queue_where_a_writer_goes_first) {
    EXPECT_EQ(all_that([](object_type t) { return queues_readers(t); }),
              (std::set{shared_mutex_writer_priority, shared_mutex_fair}));
}

}  // namespace
}  // namespace interlock::format
