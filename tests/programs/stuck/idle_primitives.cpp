// The twins of primitives.cpp: whoever ends the wait is asleep, and will. None is ever told of.
//
// idles: mutex-of-a-sleeper
// idles: upgrade-behind-a-sleeping-reader
// idles: promise-of-a-sleeper
// idles: abandoned-promise
// idles: queue-of-a-sleeping-producer
// idles: queue-of-a-sleeping-consumer
// idles: queue-closed
// idles: queue-join-of-a-sleeper
// idles: pool-with-a-sleeping-task
// idles: pool-that-idles-beside-a-sleeper
// idles: waits-in-one-pool-for-another
// idles: barrier-with-a-sleeper
// idles: permits-of-a-sleeper
// idles: permits-in-turn
// idles: latch-of-a-sleeper
// idles: event-of-a-sleeper
// idles: event-with-time-out
// idles: condition-of-a-sleeper
// idles: atomic-of-a-sleeper
// idles: relock-of-a-recursive-mutex
// idles: barrier-under-a-lock-that-nobody-needs
// idles: notified-before-and-looks-first
// idles: reader-overtakes-a-queued-writer
// idles: join-of-a-sleeper

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

#include "tests/programs/stuck/idle.hpp"

namespace {

/// A thread that does something first, says so, and sleeps for long before it does the rest.
template <typename Before, typename After>
interlock::thread sleeper_between(Before before, After after) {
    interlock::thread made("sleeper", [=] {
        before();
        give_turn(1);
        sleep_for_long();
        after();
    });
    await_turn(1);
    return made;
}
template <typename After>
interlock::thread sleeper_before(After after) {
    return sleeper_between([] {}, after);
}

interlock::mutex m{"m"};
interlock::writer_preferring_mutex rw{"rw"};
interlock::promise<int> answer{"answer"};
interlock::queue<int> jobs{"jobs", 1};
interlock::barrier<> meeting{2, {}, "meeting"};
interlock::counting_semaphore<> permits{2, "permits"};
interlock::latch counted{1, "counted"};
interlock::manual_reset_event begun{"begun"};
interlock::condition_variable ready_to_go{"ready"};
interlock::atomic<int> word{1};

void lock_held() {
    const auto sleeper = sleeper_between([] { m.lock(); }, [] { m.unlock(); });
    m.lock();
}
void upgrade_behind_reader() {
    const auto sleeper = sleeper_between([] { rw.lock_shared(); }, [] { rw.unlock_shared(); });
    rw.lock_shared();
    rw.upgrade();
}
void await_answer() {
    const auto sleeper = sleeper_before([] { answer.set_value(1); });
    answer.get_future().wait();
}
void abandon() {
    interlock::future<int> never = interlock::promise<int>{"abandoned"}.get_future();
    never.wait();  // at once: its promise is gone
    sleep_for_long();
}
void get_late() {
    const auto sleeper = sleeper_before([] { jobs.put(1); });
    jobs.get();
}
void put_late() {
    const auto sleeper = sleeper_before([] { jobs.get(); });
    jobs.put(1);
    jobs.put(2);
}
void close_queue() {
    interlock::thread consumer("consumer", [] {
        while (jobs.get()) {
        }
    });
    jobs.put(1);
    jobs.shutdown();
    consumer.join();
    sleep_for_long();
}
void join_late() {
    jobs.put(1);
    const auto sleeper = sleeper_between([] { jobs.get(); }, [] { jobs.task_done(); });
    jobs.join();
}
void sleeping_task() {
    interlock::thread_pool pool{"pool", 2};
    pool.submit(sleep_for_long).get();
}
void idle_pool() {
    interlock::thread_pool pool{"pool", 3};
    sleep_for_long();
}
void wait_for_other_pool() {
    interlock::thread_pool inner{"inner", 1};
    interlock::thread_pool outer{"outer", 1};
    outer.submit([&] { inner.submit(sleep_for_long).get(); }).get();
}
void meet_late() {
    const auto sleeper = sleeper_before([] { meeting.arrive_and_wait(); });
    meeting.arrive_and_wait();
}
void await_permit() {
    const auto sleeper = sleeper_between([] { permits.acquire(); }, [] { permits.release(); });
    permits.acquire();
    permits.acquire();
}
void take_permits_in_turn() {
    const auto often = [] {
        for (;;) {
            permits.acquire();
            usleep(500);
            permits.release();
        }
    };
    interlock::thread one("one", often);
    interlock::thread other("other", often);
    often();
}
void await_count() {
    const auto sleeper = sleeper_before([] { counted.count_down(); });
    counted.wait();
}
void await_event() {
    const auto sleeper = sleeper_before([] { begun.set(); });
    begun.wait();
}
void await_event_for_a_while() {
    while (!begun.wait_for(std::chrono::milliseconds(50))) {
    }
}
void await_condition() {
    const auto sleeper = sleeper_before([] { ready_to_go.notify_one(); });
    std::unique_lock lock(m);
    ready_to_go.wait(lock, [] { return false; });
}
void await_atomic() {
    const auto sleeper = sleeper_before([] {
        word = 2;
        word.notify_one();
    });
    word.wait(1);
}
void lock_again() {
    interlock::recursive_mutex again{"again"};
    again.lock();
    again.lock();
    sleep_for_long();
}
void meet_under_lock() {
    const auto sleeper = sleeper_before([] { meeting.arrive_and_wait(); });
    const std::lock_guard held(m);
    meeting.arrive_and_wait();
}
void look_before_waiting() {
    bool done = true;
    ready_to_go.notify_one();
    std::unique_lock lock(m);
    ready_to_go.wait(lock, [&] { return done; });
    sleep_for_long();
}
void read_again() {
    static interlock::reader_preferring_mutex preferring{"preferring"};
    preferring.lock_shared();
    interlock::thread writer("writer", [] { preferring.lock(); });
    while (preferring.statistics().writers_waited == 0) std::this_thread::yield();
    preferring.lock_shared();
    sleep_for_long();
}
void await_end() {
    auto sleeper = sleeper_before([] {});
    sleeper.join();
}

constexpr one_case cases[] = {
    {"mutex-of-a-sleeper", lock_held},
    {"upgrade-behind-a-sleeping-reader", upgrade_behind_reader},
    {"promise-of-a-sleeper", await_answer},
    {"abandoned-promise", abandon},
    {"queue-of-a-sleeping-producer", get_late},
    {"queue-of-a-sleeping-consumer", put_late},
    {"queue-closed", close_queue},
    {"queue-join-of-a-sleeper", join_late},
    {"pool-with-a-sleeping-task", sleeping_task},
    {"pool-that-idles-beside-a-sleeper", idle_pool},
    {"waits-in-one-pool-for-another", wait_for_other_pool},
    {"barrier-with-a-sleeper", meet_late},
    {"permits-of-a-sleeper", await_permit},
    {"permits-in-turn", take_permits_in_turn},
    {"latch-of-a-sleeper", await_count},
    {"event-of-a-sleeper", await_event},
    {"event-with-time-out", await_event_for_a_while},
    {"condition-of-a-sleeper", await_condition},
    {"atomic-of-a-sleeper", await_atomic},
    {"relock-of-a-recursive-mutex", lock_again},
    {"barrier-under-a-lock-that-nobody-needs", meet_under_lock},
    {"notified-before-and-looks-first", look_before_waiting},
    {"reader-overtakes-a-queued-writer", read_again},
    {"join-of-a-sleeper", await_end},
};

}  // namespace

int main(int count, char** words) { return run_case(count, words, cases); }
