// What a lock costs a program: the same patterns for any mutex type, as Google Benchmarks. The time of an iteration is that of the
// pattern once, and what it puts around the locks; lock_path.py makes ratios of them. A second thread exists throughout: in a process
// that never had one glibc locks by other, cheaper ways.
#pragma once

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string_view>
#include <thread>

namespace interlock::bench {

/// Multiplications, one waiting for the other, as a stand-in for what a program does between two locks.
inline std::uint64_t work(std::uint64_t steps) {
    std::uint64_t value = steps | 1;
    for (std::uint64_t step = 0; step < steps; ++step) value = (value ^ value >> 29) * 0x9E37'79B9'7F4A'7C15;
    return value;
}

/// How many steps of work() last 240 ns here. Measured once, in a process without any tool (`--calibrate`), and handed to all.
inline std::uint64_t steps_of_240_ns() {
    constexpr std::uint64_t many = 4'000'000;
    const std::clock_t begin = std::clock();  // of processor time: other work on the machine does not count
    benchmark::DoNotOptimize(work(many));
    const double took = static_cast<double>(std::clock() - begin) * 1e9 / CLOCKS_PER_SEC;
    return static_cast<std::uint64_t>(240.0 * static_cast<double>(many) / took);
}

template <typename Mutex>
struct lock_path {
    static void uncontended(benchmark::State& state) {
        Mutex m;
        for (auto _ : state) {
            m.lock();
            m.unlock();
        }
    }

    static void nested_4(benchmark::State& state) {
        std::array<Mutex, 4> m;
        for (auto _ : state) {
            for (Mutex& one : m) one.lock();
            for (std::size_t i = m.size(); i-- != 0;) m[i].unlock();
        }
    }

    static void one_of_10000(benchmark::State& state) {
        constexpr std::uint64_t count = 10'000;
        const auto m = std::make_unique<std::array<Mutex, count>>();
        std::uint64_t at = 0;
        for (auto _ : state) {
            Mutex& one = (*m)[at];
            at = (at + 7919) % count;  // a prime, so that each comes once a round and none beside the last
            one.lock();
            one.unlock();
        }
    }

    static void contended_by_2(benchmark::State& state) {
        static Mutex m;
        static std::uint64_t shared = 0;
        for (auto _ : state) {
            m.lock();
            benchmark::DoNotOptimize(++shared);
            m.unlock();
        }
    }

    static void with_240_ns_of_work(benchmark::State& state) {
        const std::uint64_t steps = std::strtoull(std::getenv("WORK_STEPS"), nullptr, 10);
        Mutex m;
        for (auto _ : state) {
            m.lock();
            m.unlock();
            benchmark::DoNotOptimize(work(steps));
        }
    }

    /// `more` registers patterns of this program's own.
    static int run(
        int argc, char** argv, void (*more)() = [] {}) {
        if (argc == 2 && std::string_view(argv[1]) == "--calibrate") {
            std::printf("%llu\n", static_cast<unsigned long long>(steps_of_240_ns()));
            return 0;
        }
        if (std::getenv("WORK_STEPS") == nullptr) {
            std::fputs("lock_path: WORK_STEPS is not set; --calibrate prints it\n", stderr);
            return 2;
        }
        std::thread([] { pause(); }).detach();
        benchmark::RegisterBenchmark("uncontended", uncontended);
        benchmark::RegisterBenchmark("nested_4", nested_4);
        benchmark::RegisterBenchmark("one_of_10000", one_of_10000);
        benchmark::RegisterBenchmark("contended_by_2", contended_by_2)->Threads(2)->UseRealTime();
        benchmark::RegisterBenchmark("with_240_ns_of_work", with_240_ns_of_work);
        more();
        benchmark::Initialize(&argc, argv);
        benchmark::RunSpecifiedBenchmarks();
        return 0;
    }
};

}  // namespace interlock::bench
