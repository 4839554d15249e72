// What each synchronisation primitive costs where nobody waits: one pattern each, for whichever library's type has the interface of std's.
// primitive_costs.py shows the libraries beside each other. A second thread exists throughout: see lock_path.hpp.
#pragma once

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

namespace interlock::bench {

template <typename Mutex>
void lock_unlock(benchmark::State& state) {
    static Mutex m;
    for (auto _ : state) {
        m.lock();
        m.unlock();
    }
}

template <typename Mutex>
void lock_again(benchmark::State& state) {
    static Mutex m;
    for (auto _ : state) {
        m.lock();
        m.lock();
        m.unlock();
        m.unlock();
    }
}

template <typename Mutex>
void timed_lock(benchmark::State& state) {
    static Mutex m;
    for (auto _ : state)
        if (m.try_lock_for(std::chrono::seconds(1))) m.unlock();
}

template <typename Mutex>
void shared_lock(benchmark::State& state) {
    static Mutex m;
    for (auto _ : state) {
        m.lock_shared();
        m.unlock_shared();
    }
}

template <typename Semaphore>
void acquire_release(benchmark::State& state) {
    Semaphore permits(1);
    for (auto _ : state) {
        permits.acquire();
        permits.release();
    }
}

template <typename Condition>
void notify_nobody(benchmark::State& state) {
    static Condition changed;
    for (auto _ : state) changed.notify_one();
}

template <typename Latch>
void latch_of_one(benchmark::State& state) {
    for (auto _ : state) {
        Latch come(1);
        come.count_down();
        come.wait();
    }
}

template <typename Barrier>
void barrier_of_one(benchmark::State& state) {
    Barrier meeting(1);
    for (auto _ : state) meeting.arrive_and_wait();
}

template <typename Event>
void set_and_wait(benchmark::State& state) {
    for (auto _ : state) {
        Event happened;
        happened.set();
        happened.wait();
    }
}

template <typename Flag, typename Call>
void pass_once(benchmark::State& state, Call call) {
    static Flag done;
    for (auto _ : state) call(done);
}

template <typename Promise>
void set_and_get(benchmark::State& state) {
    for (auto _ : state) {
        Promise made;
        auto result = made.get_future();
        made.set_value(1);
        benchmark::DoNotOptimize(result.get());
    }
}

template <typename Atomic>
void fetch_add(benchmark::State& state) {
    static Atomic counter{0};
    for (auto _ : state) counter.fetch_add(1, std::memory_order_relaxed);
}

template <typename Thread>
void start_and_join(benchmark::State& state) {
    for (auto _ : state) {
        Thread one([] {});
        one.join();
    }
}

/// Runs what was registered, while another thread lives.
inline int run_costs(int count, char** arguments) {
    std::atomic<bool> over{false};
    std::thread other([&] { over.wait(false); });
    benchmark::Initialize(&count, arguments);
    benchmark::RunSpecifiedBenchmarks();
    over = true;
    over.notify_all();
    other.join();
    return 0;
}

}  // namespace interlock::bench
