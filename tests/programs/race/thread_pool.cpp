// A pool: a task's result is read after the task is known to be done.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "tests/programs/race/both.hpp"

class pool {
public:
    explicit pool(int size) {
        for (int i = 0; i < size; ++i) workers_.emplace_back([this] { work(); });
    }
    void submit(std::function<void()> task) {
        const std::lock_guard lock(guard_);
        tasks_.push_back(std::move(task));
        changed_.notify_one();
    }
    void finish() {
        {
            const std::lock_guard lock(guard_);
            over_ = true;
            changed_.notify_all();
        }
        for (std::thread& each : workers_) each.join();
    }

private:
    void work() {
        for (;;) {
            std::unique_lock lock(guard_);
            changed_.wait(lock, [this] { return over_ || !tasks_.empty(); });
            if (tasks_.empty()) return;
            const std::function<void()> task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
        }
    }
    std::mutex guard_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> tasks_;
    bool over_ = false;
    std::vector<std::thread> workers_;
};

static int results[16];
static std::atomic<int> done{0};

int main() {
    pool workers(3);
    for (int i = 0; i < 16; ++i)
        workers.submit([i] {
            results[i] = i * i;
            done.fetch_add(1, std::memory_order_relaxed);
        });
    if (racy) {
        while (done.load(std::memory_order_relaxed) != 16) std::this_thread::yield();
        look(results[15]);
    }
    workers.finish();
    if (results[15] != 225) return 1;
}
