// The lock path of interlock's own primitives, linked and recording: the same patterns as std's, beside which they are shown.
#include <interlock/mutex.hpp>
#include <interlock/semaphore.hpp>
#include <interlock/shared_mutex.hpp>
#include <interlock/spinlock.hpp>

#include "tests/bench/lock_path.hpp"

namespace {

void shared_read(benchmark::State& state) {
    static interlock::shared_mutex m;
    for (auto _ : state) {
        m.lock_shared();
        m.unlock_shared();
    }
}

void spinlock(benchmark::State& state) {
    interlock::spinlock lock;
    for (auto _ : state) {
        lock.lock();
        lock.unlock();
    }
}

void semaphore(benchmark::State& state) {
    interlock::counting_semaphore<> permits(1);
    for (auto _ : state) {
        permits.acquire();
        permits.release();
    }
}

}  // namespace

int main(int argc, char** argv) {
    return interlock::bench::lock_path<interlock::mutex>::run(argc, argv, [] {
        benchmark::RegisterBenchmark("shared_read", shared_read);
        benchmark::RegisterBenchmark("spinlock", spinlock);
        benchmark::RegisterBenchmark("semaphore", semaphore);
    });
}
