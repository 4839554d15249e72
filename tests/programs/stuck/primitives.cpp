// Our own primitives, each waited for in vain. What it has no owner for is a stall, or a deadlock where those who could end it wait too.
//
// hangs: mutexes
//   finding deadlock observed edges=2 locks=a,b threads=first,second modes=EE,EE no=none behind=main
// hangs: upgrade-and-mutex
//   finding deadlock observed edges=2 locks=a,rw threads=first,second no=none behind=main
// hangs: promise-never-set
//   finding stalled observed locks=answer threads=main says=promise
// hangs: async-waits-for-its-caller
//   finding stalled observed locks=ours,theirs threads=first,main
// hangs: queue-never-closed
//   finding stalled observed locks=jobs threads=consumer behind=main
// hangs: queue-full
//   finding stalled observed locks=jobs threads=main
// hangs: queues-both-full
//   finding deadlock observed edges=2 locks=jobs,results threads=first,second no=none behind=main
//   only full
// hangs: queue-join-never-done
//   finding stalled observed locks=jobs threads=main
// hangs: pool-exhausted
//   finding pool-exhausted observed locks=pool threads=pool,pool behind=main
// hangs: barrier-short-of-a-party
//   finding stalled observed locks=meeting threads=first,second behind=main
// hangs: permits-exhausted
//   finding deadlock observed edges=2 locks=permits threads=first,second no=none behind=main
//   only full
// hangs: latch-short-of-a-count
//   finding stalled observed locks=counted threads=main
// hangs: event-never-set
//   finding stalled observed locks=begun threads=main
// hangs: auto-reset-event-set-once
//   finding stalled observed locks=turn threads=main
// hangs: condition-never-notified
//   finding stalled observed locks=ready threads=first behind=main
// hangs: atomic-never-notified
//   finding stalled observed locks=? threads=main
// hangs: relock
//   finding self-deadlock observed edges=1 locks=a threads=main modes=EE no=none
// hangs: barrier-under-a-lock
//   finding stalled observed locks=meeting threads=first behind=main,second holds=first:a
// hangs: notify-lost
//   finding stalled observed locks=ready threads=first behind=main says=lost
//   only full
// hangs: reader-behind-a-queued-writer
//   finding self-deadlock observed edges=1 locks=rw threads=first,second modes=SS no=none behind=main says=behind
// hangs: join-under-lock
//   finding deadlock observed edges=2 locks=a,the~end~of~first threads=first,main no=none

#include <interlock/atomic.hpp>
#include <interlock/barrier.hpp>
#include <interlock/condition_variable.hpp>
#include <interlock/event.hpp>
#include <interlock/future.hpp>
#include <interlock/latch.hpp>
#include <interlock/mutex.hpp>
#include <interlock/queue.hpp>
#include <interlock/semaphore.hpp>
#include <interlock/shared_mutex.hpp>
#include <interlock/thread.hpp>
#include <interlock/thread_pool.hpp>

#include "tests/programs/stuck/never_outlives.h"

namespace {

interlock::mutex a{"a"};
interlock::mutex b{"b"};
int arrived;

template <typename First, typename Second>
void run(First first, Second second) {
    interlock::thread one("first", first);
    interlock::thread other("second", second);
    one.join();
    other.join();
}

void cross_mutexes() {
    const auto both = [](interlock::mutex& from, interlock::mutex& to) {
        from.lock();
        meet(&arrived, 2);
        to.lock();
    };
    run([&] { both(a, b); }, [&] { both(b, a); });
}

void upgrade_under_mutex() {
    static interlock::writer_preferring_mutex rw{"rw"};
    run(
        [] {
            a.lock();
            rw.lock_shared();
            meet(&arrived, 2);
            rw.upgrade();
        },
        [] {
            rw.lock_shared();
            meet(&arrived, 2);
            a.lock();
        });
}

void wait_for_caller() {
    static interlock::promise<int> ours{"ours"};
    static interlock::promise<int> theirs{"theirs"};
    interlock::thread first("first", [] {
        theirs.get_future().wait();
        ours.set_value(1);
    });
    ours.get_future().wait();
    theirs.set_value(1);
    first.join();
}

void leave_queue_open() {
    interlock::queue<int> jobs{"jobs"};
    interlock::thread consumer("consumer", [&] {
        while (jobs.get()) {
        }
    });
    interlock::thread("producer", [&] { jobs.put(1); }).join();
    consumer.join();
}

void fill_queue() {
    interlock::queue<int> jobs{"jobs", 1};
    jobs.put(1);
    jobs.put(2);
}

/// Each puts into the other's queue until it has room, and gets only then.
void fill_both() {
    static interlock::queue<int> jobs{"jobs", 1};
    static interlock::queue<int> results{"results", 1};
    const auto pass_on = [](interlock::queue<int>& from, interlock::queue<int>& to) {
        to.put(1);
        from.get();
        meet(&arrived, 2);
        for (;;) to.put(1);
    };
    run([&] { pass_on(jobs, results); }, [&] { pass_on(results, jobs); });
}

void forget_task_done() {
    interlock::queue<int> jobs{"jobs"};
    jobs.put(1);
    interlock::thread("consumer", [&] { jobs.get(); }).join();
    jobs.join();
}

void exhaust_pool() {
    static interlock::thread_pool pool{"pool", 2};
    const auto outer = [] {
        meet(&arrived, 2);
        pool.submit([] {}).get();
    };
    interlock::future<void> one = pool.submit(outer);
    interlock::future<void> other = pool.submit(outer);
    one.get();
    other.get();
}

void come_short() {
    static interlock::barrier<> meeting{3, {}, "meeting"};
    run([] { meeting.arrive_and_wait(); }, [] { meeting.arrive_and_wait(); });
}

void exhaust_permits() {
    static interlock::counting_semaphore<> permits{2, "permits"};
    const auto take_two = [] {
        permits.acquire();
        meet(&arrived, 2);
        permits.acquire();
        permits.release(2);
    };
    run(take_two, take_two);
}

void wait_for_turn() {
    interlock::auto_reset_event turn{"turn"};
    turn.set();
    turn.wait();
    turn.wait();
}

void wait_for_condition() {
    static interlock::condition_variable ready{"ready"};
    interlock::thread("first", [] {
        std::unique_lock lock(a);
        ready.wait(lock, [] { return false; });
    }).join();
}

/// The party that is missing wants what one who has arrived holds.
void meet_under_lock() {
    static interlock::barrier<> meeting{2, {}, "meeting"};
    run(
        [] {
            const std::lock_guard held(a);
            meet(&arrived, 2);
            meeting.arrive_and_wait();
        },
        [] {
            meet(&arrived, 2);
            const std::lock_guard wanted(a);
            meeting.arrive_and_wait();
        });
}

/// Notified before it waits, and it looks at nothing that would tell it so.
void lose_notification() {
    static interlock::condition_variable ready{"ready"};
    interlock::thread("notifier", [] { ready.notify_one(); }).join();
    interlock::thread("first", [] {
        std::unique_lock lock(a);
        ready.wait(lock);
    }).join();
}

void read_again_behind_writer() {
    static interlock::writer_preferring_mutex rw{"rw"};
    run(
        [] {
            rw.lock_shared();
            meet(&arrived, 2);
            while (rw.statistics().writers_waited == 0) std::this_thread::yield();
            rw.lock_shared();
        },
        [] {
            meet(&arrived, 2);
            rw.lock();
        });
}

void join_under_lock() {
    const std::lock_guard held(a);
    interlock::thread("first", [] { const std::lock_guard wanted(a); }).join();
}

struct one_case {
    const char* name;
    void (*run)();
};
const one_case cases[] = {
    {"mutexes", cross_mutexes},
    {"upgrade-and-mutex", upgrade_under_mutex},
    {"promise-never-set", [] { interlock::promise<int>{"answer"}.get_future().wait(); }},
    {"async-waits-for-its-caller", wait_for_caller},
    {"queue-never-closed", leave_queue_open},
    {"queue-full", fill_queue},
    {"queues-both-full", fill_both},
    {"queue-join-never-done", forget_task_done},
    {"pool-exhausted", exhaust_pool},
    {"barrier-short-of-a-party", come_short},
    {"permits-exhausted", exhaust_permits},
    {"latch-short-of-a-count",
     [] {
         interlock::latch{2, "counted"}.arrive_and_wait();
     }},
    {"event-never-set", [] { interlock::manual_reset_event{"begun"}.wait(); }},
    {"auto-reset-event-set-once", wait_for_turn},
    {"condition-never-notified", wait_for_condition},
    {"atomic-never-notified", [] { interlock::atomic<int>{1}.wait(1); }},
    {"relock",
     [] {
         a.lock();
         a.lock();
     }},
    {"barrier-under-a-lock", meet_under_lock},
    {"notify-lost", lose_notification},
    {"reader-behind-a-queued-writer", read_again_behind_writer},
    {"join-under-lock", join_under_lock},
};

}  // namespace

int main(int count, char** words) {
    for (const one_case& each : cases)
        if (is_case(count, words, each.name)) each.run();
    return 0;
}
