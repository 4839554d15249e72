// std's own, and pthread_spinlock_t.
#include <pthread.h>

#include <barrier>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <shared_mutex>

#include "tests/bench/primitive_costs.hpp"

namespace {

class spinlock {
public:
    spinlock() { pthread_spin_init(&lock_, PTHREAD_PROCESS_PRIVATE); }
    void lock() { pthread_spin_lock(&lock_); }
    void unlock() { pthread_spin_unlock(&lock_); }

private:
    pthread_spinlock_t lock_{};
};

}  // namespace

int main(int count, char** arguments) {
    using namespace interlock::bench;
    const auto call = [](std::once_flag& flag) { std::call_once(flag, [] {}); };
    benchmark::RegisterBenchmark("mutex", lock_unlock<std::mutex>);
    benchmark::RegisterBenchmark("recursive_mutex, twice", lock_again<std::recursive_mutex>);
    benchmark::RegisterBenchmark("timed_mutex, timed", timed_lock<std::timed_mutex>);
    benchmark::RegisterBenchmark("shared_mutex, write", lock_unlock<std::shared_mutex>);
    benchmark::RegisterBenchmark("shared_mutex, read", shared_lock<std::shared_mutex>);
    benchmark::RegisterBenchmark("spinlock", lock_unlock<spinlock>);
    benchmark::RegisterBenchmark("counting_semaphore", acquire_release<std::counting_semaphore<>>);
    benchmark::RegisterBenchmark("condition_variable, notify", notify_nobody<std::condition_variable>);
    benchmark::RegisterBenchmark("latch of one", latch_of_one<std::latch>);
    benchmark::RegisterBenchmark("barrier of one", barrier_of_one<std::barrier<>>);
    benchmark::RegisterBenchmark("call_once, done", pass_once<std::once_flag, decltype(call)>, call);
    benchmark::RegisterBenchmark("promise, future", set_and_get<std::promise<int>>);
    benchmark::RegisterBenchmark("atomic, fetch_add", fetch_add<std::atomic<long>>);
    benchmark::RegisterBenchmark("thread, start and join", start_and_join<std::thread>);
    return run_costs(count, arguments);
}
