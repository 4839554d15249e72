// Conditions: two threads in turn, a time-out, and a thousand waiters cancelled with their mutex back in hand.
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

namespace {

std::mutex mutex;
std::mutex outer;
std::condition_variable condition;
pthread_mutex_t plain_mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t plain_condition = PTHREAD_COND_INITIALIZER;
int turn = 0;
std::atomic<int> waiting{0};
std::atomic<int> unwound{0};
std::atomic<int> caught{0};

struct counter {
    ~counter() { ++unwound; }
};

void* wait_in_cpp(void*) {
    try {
        counter counted;
        std::unique_lock lock(mutex);
        ++waiting;
        for (;;) condition.wait(lock);
    } catch (...) {
        ++caught;
        throw;
    }
}

void* wait_in_c(void*) {
    counter counted;
    pthread_mutex_lock(&plain_mutex);
    pthread_cleanup_push([](void*) { pthread_mutex_unlock(&plain_mutex); }, nullptr);
    ++waiting;
    for (;;) pthread_cond_wait(&plain_condition, &plain_mutex);
    pthread_cleanup_pop(0);
    return nullptr;
}

void take_turns() {
    std::thread one([] {
        for (int i = 0; i < 5; ++i) {
            std::lock_guard hold(outer);
            std::unique_lock lock(mutex);
            condition.wait(lock, [] { return turn == 1; });
            turn = 0;
            condition.notify_one();
        }
    });
    std::thread two([] {
        for (int i = 0; i < 5; ++i) {
            std::unique_lock lock(mutex);
            condition.wait(lock, [] { return turn == 0; });
            turn = 1;
            condition.notify_all();
        }
    });
    one.join();
    two.join();
}

}  // namespace

int main() {
    take_turns();
    {
        std::unique_lock lock(mutex);
        std::printf("timed out: %d\n",
                    condition.wait_for(lock, std::chrono::milliseconds(1)) == std::cv_status::timeout);
    }
    constexpr int waiters = 1000;
    std::vector<pthread_t> threads(waiters);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (int i = 0; i < waiters; ++i)
        pthread_create(&threads[static_cast<std::size_t>(i)], &small, i % 2 == 0 ? wait_in_cpp : wait_in_c, nullptr);
    while (waiting < waiters) std::this_thread::yield();
    int cancelled = 0;
    for (const pthread_t thread : threads) pthread_cancel(thread);
    for (const pthread_t thread : threads) {
        void* result = nullptr;
        pthread_join(thread, &result);
        cancelled += result == PTHREAD_CANCELED;
    }
    std::printf("cancelled %d unwound %d caught %d\n", cancelled, unwound.load(), caught.load());
    std::printf("free again: %d %d\n", mutex.try_lock(), pthread_mutex_trylock(&plain_mutex));
    mutex.unlock();
    pthread_mutex_unlock(&plain_mutex);
}
