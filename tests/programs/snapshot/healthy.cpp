// Works in every way that being stopped for a moment could disturb, until its standard input ends; then says whether anything was: a
// system call that was interrupted, an update that was lost, a wait that took no time. Prints "ready" once all its threads have begun.
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <thread>
#include <vector>

namespace {

std::atomic<bool> over{false};
std::atomic<int> begun{0};
std::atomic<long> interrupted{0};
std::mutex counted;
long count = 0;
std::array<std::atomic<long>, 2> updates{};
std::mutex turns;
std::condition_variable turn_changed;
int turn = 0;

void update(std::size_t which) {
    ++begun;
    while (!over) {
        const std::lock_guard hold(counted);
        ++count;
        ++updates.at(which);
    }
}

/// Two threads that wake each other: both wait on futexes nearly always.
void take_turns(int own) {
    ++begun;
    while (!over) {
        std::unique_lock hold(turns);
        turn_changed.wait(hold, [&] { return over || turn == own; });
        turn = 1 - own;
        turn_changed.notify_all();
    }
}

/// A wait with a deadline, on a semaphore that nobody posts.
void wait_in_time() {
    sem_t never;
    sem_init(&never, 0, 0);
    ++begun;
    while (!over) {
        timespec end{};
        clock_gettime(CLOCK_REALTIME, &end);
        end.tv_nsec += 20'000'000;
        if (end.tv_nsec >= 1'000'000'000) {
            end.tv_nsec -= 1'000'000'000;
            ++end.tv_sec;
        }
        if (sem_timedwait(&never, &end) != 0 && errno != ETIMEDOUT) ++interrupted;
    }
}

/// A system call that the kernel does not start anew by itself.
void poll_nothing() {
    const int poll = epoll_create1(0);
    epoll_event none{};
    ++begun;
    while (!over)
        if (epoll_wait(poll, &none, 1, 20) != 0) ++interrupted;
    close(poll);
}

}  // namespace

int main() {
    std::vector<std::thread> all;
    all.emplace_back(update, 0);
    all.emplace_back(update, 1);
    all.emplace_back(take_turns, 0);
    all.emplace_back(take_turns, 1);
    all.emplace_back(wait_in_time);
    all.emplace_back(poll_nothing);
    while (begun != static_cast<int>(all.size())) std::this_thread::yield();
    std::puts("ready");
    std::fflush(stdout);
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    {
        const std::lock_guard hold(turns);
        over = true;
    }
    turn_changed.notify_all();
    for (std::thread& one : all) one.join();
    const bool unharmed = interrupted == 0 && count == updates[0] + updates[1] && count > 0;
    std::printf("%s\n", unharmed ? "unharmed" : "harmed");
    return unharmed ? 0 : 1;
}
