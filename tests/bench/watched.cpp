// Programs for watching.py: `watched SECONDS` has threads work with locks and others wait for them; `watched count TIMES` locks so
// often; `watched hang` says so on its standard output when two threads are about to wait for each other for ever.
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace {

constexpr int waiting_threads = 200;
constexpr int working_threads = 2;

void work_for(int seconds) {
    std::mutex inner, outer, door;
    std::condition_variable end;
    bool over = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < waiting_threads; ++i)
        threads.emplace_back([&] {
            std::unique_lock lock(door);
            end.wait(lock, [&] { return over; });
        });
    std::atomic<bool> stop{false};
    for (int i = 0; i < working_threads; ++i)
        threads.emplace_back([&] {
            while (!stop) {
                const std::lock_guard first(outer);
                const std::lock_guard second(inner);
            }
        });
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    stop = true;
    {
        const std::lock_guard lock(door);
        over = true;
    }
    end.notify_all();
    for (std::thread& thread : threads) thread.join();
}

void count(int times) {
    std::mutex one;
    std::thread other([] {});  // a second thread has lived: glibc locks as it does in threaded programs
    other.join();
    for (int i = 0; i < times; ++i) const std::lock_guard lock(one);
}

void hang() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(60);
    static std::mutex a, b;
    static std::atomic<int> arrived{0};
    const auto both = [](std::mutex& first, std::mutex& second) {
        const std::lock_guard held(first);
        if (++arrived == 2 && write(STDOUT_FILENO, "now\n", 4) != 4) std::abort();
        while (arrived != 2) std::this_thread::yield();
        const std::lock_guard wanted(second);
    };
    std::thread other([&] { both(b, a); });
    both(a, b);
    other.join();
}

}  // namespace

int main(int words, char** given) {
    if (words < 2) return 2;
    if (words == 3 && std::strcmp(given[1], "count") == 0)
        count(std::atoi(given[2]));
    else if (std::strcmp(given[1], "hang") == 0)
        hang();
    else
        work_for(std::atoi(given[1]));
    return 0;
}
