// Every primitive guards plain data of several threads: built for ThreadSanitizer, or run under Helgrind, nothing may be reported. With the argument
// `race` one increment is left unguarded, which the tool must report: it is awake.
#include <interlock/annotations.hpp>
#include <interlock/barrier.hpp>
#include <interlock/condition_variable.hpp>
#include <interlock/event.hpp>
#include <interlock/latch.hpp>
#include <interlock/mutex.hpp>
#include <interlock/semaphore.hpp>
#include <interlock/shared_mutex.hpp>
#include <interlock/spinlock.hpp>

#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr unsigned threads_max = 4;
constexpr int turns = 50;

/// Checked always: a build without assertions tests too.
void must(bool good) {
    if (!good) std::abort();
}

template <typename Body>
void run(Body body) {
    std::vector<std::thread> all;
    for (unsigned i = 0; i < threads_max; ++i) all.emplace_back(body, i);
    for (std::thread& one : all) one.join();
}

template <typename Mutex>
void count_under() {
    Mutex m;
    long sum = 0;
    run([&](unsigned) {
        for (int i = 0; i < turns; ++i) {
            const std::lock_guard held(m);
            ++sum;
        }
    });
    must(sum == long{threads_max} * turns);
}

template <typename Mutex>
void share() {
    Mutex m;
    long sum = 0;
    run([&](unsigned i) {
        for (int turn = 0; turn < turns; ++turn) {
            if (i == 0) {
                const std::lock_guard writes(m);
                ++sum;
            } else {
                const std::shared_lock reads(m);
                must(sum <= turns);
            }
        }
    });
}

/// A lock of the user's own, annotated.
class own_lock {
public:
    void lock() {
        annotation_.request();
        while (word_.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
        annotation_.acquired();
    }
    void unlock() {
        annotation_.releasing();
        word_.store(false, std::memory_order_release);
    }

private:
    std::atomic<bool> word_{false};
    interlock::lock_annotation annotation_{"own"};
};

void hand_over() {
    interlock::counting_semaphore<> filled(0);
    interlock::binary_semaphore emptied(1);
    interlock::latch begun(2);
    interlock::manual_reset_event ended;
    interlock::once_flag once;
    long value = 0;
    long runs = 0;
    std::thread other([&] {
        begun.arrive_and_wait();
        interlock::call_once(once, [&] { ++runs; });
        for (int i = 0; i < turns; ++i) {
            emptied.acquire();
            ++value;
            filled.release();
        }
        ended.wait();
        must(value == 2 * turns);
    });
    begun.arrive_and_wait();
    interlock::call_once(once, [&] { ++runs; });
    must(runs == 1);
    for (int i = 0; i < turns; ++i) {
        filled.acquire();
        ++value;
        emptied.release();
    }
    ended.set();
    other.join();
}

void meet() {
    interlock::barrier phase(threads_max);
    std::vector<long> written(threads_max, 0);
    run([&](unsigned i) {
        for (int turn = 0; turn < turns; ++turn) {
            ++written[i];
            phase.arrive_and_wait();
            must(written[(i + 1) % threads_max] == turn + 1);
            phase.arrive_and_wait();
        }
    });
}

template <typename Condition, typename Mutex>
void take_turns() {
    Mutex m;
    Condition changed;
    unsigned turn = 0;
    run([&](unsigned i) {
        for (unsigned round = 0; round < turns; ++round) {
            std::unique_lock held(m);
            changed.wait(held, [&] { return turn % threads_max == i; });
            ++turn;
            changed.notify_all();
        }
    });
    must(turn == threads_max * turns);
}

}  // namespace

int main(int count, char** words) {
    if (count == 2 && std::string_view(words[1]) == "race") {
        long sum = 0;
        run([&](unsigned) { *const_cast<volatile long*>(&sum) = sum + 1; });
        return 0;
    }
    count_under<interlock::mutex>();
    count_under<interlock::timed_mutex>();
    count_under<interlock::recursive_mutex>();
    count_under<interlock::spinlock>();
    count_under<interlock::ticket_lock>();
    // The word of a lock of one's own is its author's business: Helgrind knows no atomic operations.
    if (!interlock::tools::on_valgrind) count_under<own_lock>();
    share<interlock::shared_mutex>();
    share<interlock::fair_shared_mutex>();
    share<interlock::writer_preferring_mutex>();
    hand_over();
    meet();
    take_turns<interlock::condition_variable, interlock::mutex>();
    take_turns<interlock::condition_variable_any, interlock::recursive_mutex>();
    return 0;
}
