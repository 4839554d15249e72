// Coroutine tasks as agents: they own locks on whatever thread they go on, invert their orders like threads, and may not leave a thread
// while they hold what is that thread's.
//
// expect: inverted
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=one_way,other_way
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean
// expect: suspended_with_a_mutex
//   acquisitions 1
//   dependencies 0
//   finding suspend-while-holding observed locks=m functions=across
// expect: suspended_with_an_async_mutex
//   acquisitions 1
//   dependencies 0
//   clean
// expect: released_before
//   acquisitions 1
//   dependencies 0
//   clean

#include <interlock/async_mutex.hpp>
#include <interlock/coroutine.hpp>
#include <interlock/mutex.hpp>
#include <interlock/thread_pool.hpp>

#include <string_view>

namespace {

interlock::async_mutex a{"a"};
interlock::async_mutex b{"b"};
interlock::mutex m{"m"};

interlock::task<> one_way() {
    const interlock::async_lock first = co_await a.scoped_lock();
    const interlock::async_lock second = co_await b.scoped_lock();
}

interlock::task<> other_way() {
    const interlock::async_lock first = co_await b.scoped_lock();
    const interlock::async_lock second = co_await a.scoped_lock();
}

/// The pool has one worker, and it is this task's thread already: the mutex is unlocked by who locked it.
interlock::task<> across(interlock::thread_pool& pool, bool release_first) {
    co_await resume_on(pool);
    std::unique_lock held(m);
    if (release_first) held.unlock();
    co_await resume_on(pool);
}

interlock::task<> across_async(interlock::thread_pool& pool) {
    const interlock::async_lock held = co_await a.scoped_lock();
    co_await resume_on(pool);
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    interlock::thread_pool pool{"pool", 1};
    if (how == "inverted") interlock::sync_wait(when_all(one_way(), other_way()));
    if (how == "agreed") interlock::sync_wait(when_all(one_way(), one_way()));
    if (how == "suspended_with_a_mutex") interlock::sync_wait(across(pool, false));
    if (how == "released_before") interlock::sync_wait(across(pool, true));
    if (how == "suspended_with_an_async_mutex") interlock::sync_wait(across_async(pool));
    return 0;
}
