// Initialisations: one that throws once, one found done by four threads, a static local that throws once.
#include <cstdio>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

std::once_flag flag;
std::mutex mutex;
std::mutex other;
int tries = 0;

struct throws_once {
    throws_once() {
        std::lock_guard hold(mutex);
        if (tries++ == 0) throw std::runtime_error("thrown from a static");
    }
    int value = 5;
};

int use() {
    static throws_once made;
    return made.value;
}

}  // namespace

int main() {
    for (int i = 0; i < 3; ++i) {
        try {
            std::call_once(flag, [i] {
                std::lock_guard hold(mutex);
                if (i == 0) throw 1;
            });
        } catch (int) {
            std::puts("thrown from an initialiser");
        }
    }
    { std::lock_guard hold(other); }
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([] {
            std::lock_guard hold(other);
            for (int again = 0; again < 3; ++again) std::call_once(flag, [] {});
        });
    for (std::thread& thread : threads) thread.join();
    for (int i = 0; i < 2; ++i) {
        try {
            std::printf("%d\n", use());
        } catch (const std::exception& thrown) {
            std::puts(thrown.what());
        }
    }
    int sum = 0;
    for (int i = 0; i < 50; ++i) sum += std::async(std::launch::async, [i] { return i; }).get();
    std::printf("%d\n", sum);
}
