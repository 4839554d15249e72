// The lock path of std::mutex and of libc's other locks: alone, with libinterlock preloaded, under Helgrind, or built with
// -fsanitize=thread.
#include <pthread.h>
#include <semaphore.h>

#include <mutex>
#include <shared_mutex>

#include "tests/bench/lock_path.hpp"

namespace {

void shared_read(benchmark::State& state) {
    static std::shared_mutex m;  // not where a mutex was: Helgrind would take it for one
    for (auto _ : state) {
        m.lock_shared();
        m.unlock_shared();
    }
}

void spinlock(benchmark::State& state) {
    pthread_spinlock_t lock;
    pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
    for (auto _ : state) {
        pthread_spin_lock(&lock);
        pthread_spin_unlock(&lock);
    }
    pthread_spin_destroy(&lock);
}

void semaphore(benchmark::State& state) {
    sem_t permits;
    sem_init(&permits, 0, 1);
    for (auto _ : state) {
        sem_wait(&permits);
        sem_post(&permits);
    }
    sem_destroy(&permits);
}

}  // namespace

int main(int argc, char** argv) {
    return interlock::bench::lock_path<std::mutex>::run(argc, argv, [] {
        benchmark::RegisterBenchmark("shared_read", shared_read);
        benchmark::RegisterBenchmark("spinlock", spinlock);
        benchmark::RegisterBenchmark("semaphore", semaphore);
    });
}
