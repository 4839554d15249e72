// One program with a case for each thing whose wording is held (told_test.py). Threads have no names.
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include <pthread.h>
#include <semaphore.h>

namespace {

std::mutex a;
std::mutex b;
std::shared_mutex shared;
std::condition_variable never;
pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
sem_t first;
sem_t second;
std::atomic<int> there{0};

/// Orders nothing that a recorder of locks sees.
void meet() {
    ++there;
    while (there.load() < 2) std::this_thread::yield();
}

void in_two_threads(auto one, auto other) {
    std::thread t(one);
    std::thread u(other);
    t.join();
    u.join();
}

void hangs() {
    const auto both = [](std::mutex& outer, std::mutex& inner) {
        const std::lock_guard kept(outer);
        meet();
        const std::lock_guard wanted(inner);
    };
    in_two_threads([&] { both(a, b); }, [&] { both(b, a); });
}

/// What the other unlocks was the first lock of all, before there was another thread.
void unlocks_of_main() {
    a.lock();
    std::thread([] { a.unlock(); }).join();
}

void waits() {
    std::thread t([] {
        std::unique_lock kept(a);
        never.wait(kept, [] { return false; });
    });
    t.join();
}

void upgrades() {
    const auto both = [] {
        shared.lock_shared();
        meet();
        shared.lock();
    };
    in_two_threads(both, both);
}

void crosses_semaphores() {
    const auto both = [](sem_t& outer, sem_t& inner) {
        sem_wait(&outer);
        sem_wait(&inner);
        sem_post(&inner);
        sem_post(&outer);
    };
    sem_init(&first, 0, 1);
    sem_init(&second, 0, 1);
    in_two_threads(
        [&] {
            both(first, second);
            ++there;
        },
        [&] {
            while (there.load() == 0) std::this_thread::yield();
            both(second, first);
        });
}

struct one_static {
    one_static();
};
struct other_static {
    other_static();
};
void make_one() { static const one_static made; }
void make_other() { static const other_static made; }
one_static::one_static() {
    meet();
    make_other();
}
other_static::other_static() {
    meet();
    make_one();
}

void unlocks_anothers() {
    std::thread waits([] {
        pthread_mutex_lock(&plain);
        ++there;
        while (there.load() < 2) std::this_thread::yield();
    });
    std::thread unlocks([] {
        while (there.load() < 1) std::this_thread::yield();
        pthread_mutex_unlock(&plain);
        ++there;
    });
    waits.join();
    unlocks.join();
}

void asks_again() {
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_t checked;
    pthread_mutex_init(&checked, &kind);
    std::thread t([&] {
        pthread_mutex_lock(&checked);
        pthread_mutex_lock(&checked);
        pthread_mutex_unlock(&checked);
    });
    t.join();
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const auto is = [&](const char* word) { return std::strcmp(words[1], word) == 0; };
    if (is("hangs")) return hangs(), 0;
    if (is("waits")) return waits(), 0;
    if (is("upgrades")) return upgrades(), 0;
    if (is("semaphores")) return crosses_semaphores(), 0;
    if (is("statics")) return in_two_threads(make_one, make_other), 0;
    if (is("unlocks")) return unlocks_anothers(), 0;
    if (is("unlocks-of-main")) return unlocks_of_main(), 0;
    if (is("again")) return asks_again(), 0;
    return 2;
}
