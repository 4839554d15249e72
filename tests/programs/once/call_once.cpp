// std::call_once from many threads, with a lock inside and an initialiser that throws at first: nothing wrong.
//
// expect:
//   acquisitions 2
//   dependencies at-least 0
//   stdout 1 failure
//   clean

#include <atomic>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

std::mutex m;
std::once_flag flag;
int attempts = 0;
std::atomic<int> failures = 0;

void set_up() {
    const std::lock_guard held(m);
    if (++attempts == 1) throw std::runtime_error("not yet");
}

void work() {
    try {
        std::call_once(flag, set_up);
    } catch (const std::runtime_error&) {
        ++failures;
    }
}

}  // namespace

int main() {
    work();
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    std::printf("%d failure\n", failures.load());
    return 0;
}
