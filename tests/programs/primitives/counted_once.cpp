// What a primitive does is one event, though the preloaded library interposes what most of them stand on.
//
// expect: locks
//   acquisitions 9
//   dependencies 0
//   clean
// expect: signals
//   acquisitions 0
//   dependencies 0
//   events semaphore_acquire 1
//   events semaphore_post 2
//   events latch_count_down 1
//   events latch_pass 1
//   events barrier_arrive 1
//   events barrier_complete 1
//   events event_set 1
//   events event_reset 1
//   events event_pass 1
//   events once_done 1
//   clean
// expect: condition
//   acquisitions 3
//   dependencies 0
//   events condition_wait 1
//   events condition_wake 1
//   events notify_one 1
//   clean
// expect: condition_any
//   acquisitions 3
//   dependencies 0
//   events condition_wait 1
//   events condition_wake 1
//   events notify_one 0
//   events notify_all 1
//   clean
// expect: futures
//   acquisitions 0
//   dependencies 0
//   events future_set 2
//   events future_get 2
//   clean
// expect: queue
//   acquisitions 0
//   dependencies 0
//   events queue_put 1
//   events queue_get 1
//   events queue_task_done 1
//   events queue_shutdown 1
//   clean
// expect: atomics
//   acquisitions 0
//   dependencies 0
//   events atomic_load 1
//   events atomic_store 1
//   events atomic_update 2
//   events fence 1
//   clean
// expect: work
//   acquisitions 0
//   dependencies 0
//   events task_submit 2
//   events task_start 2
//   events task_finish 2
//   clean
// expect: threads
//   acquisitions 0
//   dependencies 0
//   threads 3
//   events agent_create 2
//   events agent_start 3
//   events agent_join 2
//   events agent_name 2
//   clean

#include <interlock/atomic.hpp>
#include <interlock/barrier.hpp>
#include <interlock/condition_variable.hpp>
#include <interlock/event.hpp>
#include <interlock/event_loop.hpp>
#include <interlock/future.hpp>
#include <interlock/latch.hpp>
#include <interlock/mutex.hpp>
#include <interlock/queue.hpp>
#include <interlock/semaphore.hpp>
#include <interlock/shared_mutex.hpp>
#include <interlock/spinlock.hpp>
#include <interlock/thread.hpp>
#include <interlock/thread_pool.hpp>

#include <string_view>

#include "tests/programs/blocked.h"

namespace {

template <typename Mutex>
void lock_once() {
    Mutex one;
    const std::lock_guard held(one);
}
template <typename Mutex>
void share_once() {
    Mutex one;
    const std::shared_lock held(one);
}

void locks() {
    lock_once<interlock::mutex>();
    lock_once<interlock::timed_mutex>();
    lock_once<interlock::recursive_mutex>();
    lock_once<interlock::shared_mutex>();
    share_once<interlock::shared_mutex>();
    lock_once<interlock::fair_shared_mutex>();
    share_once<interlock::fair_shared_mutex>();
    lock_once<interlock::spinlock>();
    lock_once<interlock::ticket_lock>();
}

void signals() {
    interlock::counting_semaphore<> permits{0, "permits"};
    permits.release(2);
    permits.acquire();
    interlock::latch{1}.arrive_and_wait();
    interlock::barrier<>{1}.arrive_and_wait();
    interlock::manual_reset_event event;
    event.set();
    event.wait();
    event.reset();
    interlock::once_flag once;
    interlock::call_once(once, [] {});
}

/// The waiter acquires its mutex, waits, and has it again; who notifies has it in between.
template <typename Condition, typename Notify>
void condition(Notify notify) {
    interlock::mutex m;
    Condition changed;
    bool done = false;
    int waiter = 0;
    std::thread other([&] {
        std::unique_lock held(m);
        say_thread(&waiter);
        while (!done) changed.wait(held);
    });
    await_blocked(&waiter);
    {
        const std::lock_guard held(m);
        done = true;
    }
    notify(changed);
    other.join();
}

void futures() {
    interlock::promise<int> one;
    one.set_value(1);
    one.get_future().get();
    interlock::packaged_task<int()> task([] { return 1; });
    task();
    task.get_future().wait();
}

void queue() {
    interlock::queue<int> jobs{"jobs"};
    jobs.put(1);
    jobs.get();
    jobs.task_done();
    jobs.shutdown();
}

void atomics() {
    interlock::atomic<int> one{1};
    one.store(2);
    static_cast<void>(one.load());
    one.fetch_add(1);
    int expected = 3;
    one.compare_exchange_strong(expected, 4);
    interlock::atomic_thread_fence(std::memory_order_seq_cst);
}

void work() {
    interlock::event_loop loop{"loop", std::chrono::hours(1)};
    loop.post([&] { loop.stop(); });
    loop.run();
    interlock::thread_pool pool{"pool", 1};
    pool.post([] {});
}

void threads() {
    interlock::thread("one", [] {}).join();
    interlock::jthread("other", [] {}).join();
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    if (how == "locks") locks();
    if (how == "signals") signals();
    if (how == "condition") condition<interlock::condition_variable>([](auto& changed) { changed.notify_one(); });
    if (how == "condition_any")
        condition<interlock::condition_variable_any>([](auto& changed) { changed.notify_all(); });
    if (how == "futures") futures();
    if (how == "queue") queue();
    if (how == "atomics") atomics();
    if (how == "work") work();
    if (how == "threads") threads();
    return 0;
}
