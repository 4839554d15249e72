// A mutex of the program's own, told by __tsan_mutex_*: what it does inside is its affair, what it orders counts. The racy twin does not tell.
#include <atomic>

#include "tests/programs/race/both.hpp"

extern "C" {
void __tsan_mutex_create(void* mutex, unsigned flags);
void __tsan_mutex_destroy(void* mutex, unsigned flags);
void __tsan_mutex_pre_lock(void* mutex, unsigned flags);
void __tsan_mutex_post_lock(void* mutex, unsigned flags, int recursion);
int __tsan_mutex_pre_unlock(void* mutex, unsigned flags);
void __tsan_mutex_post_unlock(void* mutex, unsigned flags);
}

class own_mutex {
public:
    own_mutex() { __tsan_mutex_create(this, 0); }
    ~own_mutex() { __tsan_mutex_destroy(this, 0); }
    void lock() {
        if (!racy) __tsan_mutex_pre_lock(this, 0);
        while (taken_.exchange(true, std::memory_order_relaxed)) std::this_thread::yield();
        if (!racy) __tsan_mutex_post_lock(this, 0, 0);
    }
    bool try_lock() {
        constexpr unsigned attempt = 1u << 4;
        constexpr unsigned failed = 1u << 5;
        if (!racy) __tsan_mutex_pre_lock(this, attempt);
        const bool got = !taken_.exchange(true, std::memory_order_relaxed);
        if (!racy) __tsan_mutex_post_lock(this, attempt | (got ? 0 : failed), 0);
        return got;
    }
    void unlock() {
        if (!racy) __tsan_mutex_pre_unlock(this, 0);
        taken_.store(false, std::memory_order_relaxed);
        if (!racy) __tsan_mutex_post_unlock(this, 0);
    }

private:
    std::atomic<bool> taken_{false};
};

static own_mutex guard;
long counter = 0;

int main() {
    const auto count = [] {
        for (int i = 0; i < 20; ++i) {
            if (i % 2 == 0 || !guard.try_lock()) guard.lock();
            ++counter;
            guard.unlock();
        }
    };
    both(count, count);
}
