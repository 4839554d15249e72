// interlock's own, recording.
#include <interlock/atomic.hpp>
#include <interlock/barrier.hpp>
#include <interlock/condition_variable.hpp>
#include <interlock/event.hpp>
#include <interlock/future.hpp>
#include <interlock/latch.hpp>
#include <interlock/mutex.hpp>
#include <interlock/semaphore.hpp>
#include <interlock/shared_mutex.hpp>
#include <interlock/spinlock.hpp>
#include <interlock/thread.hpp>

#include "tests/bench/primitive_costs.hpp"

int main(int count, char** arguments) {
    using namespace interlock::bench;
    const auto call = [](interlock::once_flag& flag) { interlock::call_once(flag, [] {}); };
    benchmark::RegisterBenchmark("mutex", lock_unlock<interlock::mutex>);
    benchmark::RegisterBenchmark("recursive_mutex, twice", lock_again<interlock::recursive_mutex>);
    benchmark::RegisterBenchmark("timed_mutex, timed", timed_lock<interlock::timed_mutex>);
    benchmark::RegisterBenchmark("shared_mutex, write", lock_unlock<interlock::shared_mutex>);
    benchmark::RegisterBenchmark("shared_mutex, read", shared_lock<interlock::shared_mutex>);
    benchmark::RegisterBenchmark("spinlock", lock_unlock<interlock::spinlock>);
    benchmark::RegisterBenchmark("counting_semaphore", acquire_release<interlock::counting_semaphore<>>);
    benchmark::RegisterBenchmark("condition_variable, notify", notify_nobody<interlock::condition_variable>);
    benchmark::RegisterBenchmark("latch of one", latch_of_one<interlock::latch>);
    benchmark::RegisterBenchmark("barrier of one", barrier_of_one<interlock::barrier<>>);
    benchmark::RegisterBenchmark("event", set_and_wait<interlock::manual_reset_event>);
    benchmark::RegisterBenchmark("call_once, done", pass_once<interlock::once_flag, decltype(call)>, call);
    benchmark::RegisterBenchmark("promise, future", set_and_get<interlock::promise<int>>);
    benchmark::RegisterBenchmark("atomic, fetch_add", fetch_add<interlock::atomic<long>>);
    benchmark::RegisterBenchmark("thread, start and join", start_and_join<interlock::thread>);
    return run_costs(count, arguments);
}
