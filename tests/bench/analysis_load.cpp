// A program for logs of any length: THREADS threads that make SECTIONS critical sections together, each on a lock of its own
// (`own`), or on one of as many locks as there are threads, drawn at random, so that locks pass from thread to thread (`passed`).
#include <barrier>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <random>
#include <string_view>
#include <thread>
#include <vector>

int main(int count, char** words) {
    if (count != 4) return 2;
    const std::size_t threads = std::strtoul(words[1], nullptr, 10);
    const std::uint64_t sections = std::strtoull(words[2], nullptr, 10);
    const bool passed = std::string_view(words[3]) == "passed";
    if (threads == 0) return 2;
    std::vector<std::mutex> locks(threads);
    std::barrier together(static_cast<std::ptrdiff_t>(threads));
    const auto run = [&](std::size_t own) {
        std::minstd_rand random(static_cast<unsigned>(own + 1));
        together.arrive_and_wait();
        for (std::uint64_t i = 0; i < sections / threads; ++i) {
            std::mutex& lock = locks[passed ? random() % threads : own];
            lock.lock();
            lock.unlock();
        }
    };
    std::vector<std::thread> all;
    for (std::size_t own = 0; own < threads; ++own) all.emplace_back(run, own);
    for (std::thread& one : all) one.join();
    return 0;
}
