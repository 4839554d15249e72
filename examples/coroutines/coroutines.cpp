// Coroutine tasks that share a pool of two threads and lock by themselves.
//
//      coroutines            an async_mutex: who has to wait suspends, and owns it on whatever thread it goes on
//      coroutines across     a mutex of threads, held while its task leaves the thread
//
// expect:
//   stdout 300 counted
//   acquisitions 300
//   dependencies 0
//   clean
// expect: across
//   stdout 1 counted
//   acquisitions 1
//   dependencies 0
//   finding suspend-while-holding observed locks=count functions=count_across

#include <interlock/async_mutex.hpp>
#include <interlock/coroutine.hpp>
#include <interlock/mutex.hpp>
#include <interlock/thread_pool.hpp>

#include <cstdio>

namespace {

int counted = 0;

interlock::task<> count_some(interlock::thread_pool& pool, interlock::async_mutex& m) {
    co_await resume_on(pool);
    for (int i = 0; i < 100; ++i) {
        const interlock::async_lock held = co_await m.scoped_lock();
        ++counted;
    }
}

/// With one worker it comes back to the same thread, this time.
interlock::task<> count_across(interlock::thread_pool& pool, interlock::mutex& m) {
    co_await resume_on(pool);
    const std::lock_guard held(m);
    co_await resume_on(pool);
    ++counted;
}

}  // namespace

int main(int count, char**) {
    interlock::thread_pool pool{"pool", count == 2 ? 1u : 2u};
    interlock::async_mutex of_tasks{"count"};
    interlock::mutex of_threads{"count"};
    if (count == 2)
        interlock::sync_wait(count_across(pool, of_threads));
    else
        interlock::sync_wait(
            when_all(count_some(pool, of_tasks), count_some(pool, of_tasks), count_some(pool, of_tasks)));
    std::printf("%d counted\n", counted);
}
