// Names as libraries of several versions, stripped or not, have them.
#include "analysis/snapshot/blocking_call.hpp"

#include <gtest/gtest.h>

namespace interlock::snapshot {
namespace {

TEST(call_named, knows_a_function_by_every_name_that_glibc_has_for_it) {
    for (const char* name : {"pthread_mutex_lock", "__pthread_mutex_lock", "___pthread_mutex_lock",
                             "__GI___pthread_mutex_lock", "__pthread_mutex_lock_full", "__pthread_mutex_cond_lock",
                             "pthread_mutex_lock@@GLIBC_2.2.5", "__pthread_mutex_lock.part.0"})
        EXPECT_EQ(call_named(name), call::mutex_lock) << name;
    for (const char* name : {"__new_sem_wait_slow64.constprop.0", "___new_sem_wait", "sem_wait", "sem_clockwait"})
        EXPECT_EQ(call_named(name), call::semaphore_wait) << name;
    for (const char* name :
         {"__pthread_rwlock_wrlock_full64", "___pthread_rwlock_wrlock", "pthread_rwlock_timedwrlock"})
        EXPECT_EQ(call_named(name), call::rwlock_write) << name;
    for (const char* name : {"__pthread_cond_wait_common", "___pthread_cond_timedwait64", "pthread_cond_clockwait"})
        EXPECT_EQ(call_named(name), call::condition_wait) << name;
    for (const char* name : {"__pthread_clockjoin_ex", "pthread_timedjoin_np", "___pthread_join", "thrd_join"})
        EXPECT_EQ(call_named(name), call::join) << name;
    EXPECT_EQ(call_named("__pthread_once_slow"), call::once);
    EXPECT_EQ(call_named("__cxa_guard_acquire"), call::static_guard);
}

TEST(call_named, takes_nothing_else_for_a_wait) {
    for (const char* name : {"", "_", "64", "pthread_mutex_unlock", "pthread_mutex_trylock", "my_pthread_mutex_lock",
                             "pthread_mutex_lock_all", "sem_post", "pthread_rwlock_unlock", "syscall", "lock",
                             "bank::pthread_mutex_lock(int)"})
        EXPECT_EQ(call_named(name), call::unknown) << name;
}

}  // namespace
}  // namespace interlock::snapshot
