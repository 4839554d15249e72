// primitives PATTERN TIMES: the patterns of locks.c by instrumented primitives, or by their std twins where they do not record, for cost_test.py.
#include <unistd.h>
#include <interlock/mutex.hpp>
#include <interlock/semaphore.hpp>
#include <interlock/shared_mutex.hpp>
#include <interlock/spinlock.hpp>

#include <array>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace {

std::array<interlock::mutex, 4> mutexes;
interlock::recursive_mutex recursive;
interlock::shared_mutex shared;
interlock::spinlock spinlock;
interlock::counting_semaphore<> permits{1};

void u1() {
    mutexes[0].lock();
    mutexes[0].unlock();
}
void n4() {
    for (interlock::mutex& one : mutexes) one.lock();
    for (std::size_t i = mutexes.size(); i-- != 0;) mutexes[i].unlock();
}
/// Two locks, each from a place of its own.
void in_turn() {
    mutexes[0].lock();
    mutexes[0].unlock();
    mutexes[1].lock();
    mutexes[1].unlock();
}
void recursion() {
    recursive.lock();
    recursive.unlock();
}
void read_lock() {
    shared.lock_shared();
    shared.unlock_shared();
}
void write_lock() {
    shared.lock();
    shared.unlock();
}
void spin() {
    spinlock.lock();
    spinlock.unlock();
}
void permit() {
    permits.acquire();
    permits.release();
}

constexpr struct {
    const char* name;
    void (*run)();
} patterns[] = {{"u1", u1},
                {"n4", n4},
                {"in_turn", in_turn},
                {"recursion", recursion},
                {"read_lock", read_lock},
                {"write_lock", write_lock},
                {"spin", spin},
                {"permit", permit}};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    std::thread([] { pause(); }).detach();
    for (const auto& pattern : patterns) {
        if (std::strcmp(pattern.name, argv[1]) != 0) continue;
        for (long times = std::atol(argv[2]); times > 0; --times) pattern.run();
        return 0;
    }
    return 2;
}
