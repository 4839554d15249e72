// Locks where few look: before main, in thread_local destructors, in the fourth pass over pthread keys, after main; and threads
// that live for a moment.
#include <pthread.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

namespace {

std::mutex mutex;
int count = 0;

void count_one() {
    std::lock_guard hold(mutex);
    ++count;
}

struct counts_at_birth_and_death {
    counts_at_birth_and_death() { count_one(); }
    ~counts_at_birth_and_death() { count_one(); }
};
counts_at_birth_and_death global;
thread_local counts_at_birth_and_death local;

pthread_key_t key;
void pass(void* value) {
    count_one();
    const auto left = reinterpret_cast<long>(value) - 1;
    if (left != 0) pthread_setspecific(key, reinterpret_cast<void*>(left));
}

}  // namespace

int main() {
    std::atexit([] {
        count_one();
        std::printf("at exit %d\n", count);
    });
    pthread_key_create(&key, pass);
    constexpr int rounds = 200;
    for (int round = 0; round < rounds; ++round) {
        std::vector<std::thread> threads;
        for (int i = 0; i < 50; ++i)
            threads.emplace_back([i] {
                (void)&local;
                if (i == 0) pthread_setspecific(key, reinterpret_cast<void*>(4L));
                count_one();
            });
        for (std::thread& thread : threads) thread.join();
    }
    std::printf("%d\n", count);
}
