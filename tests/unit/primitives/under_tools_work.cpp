// The half of under_tools.cpp about work that is handed over.
#include <interlock/async_mutex.hpp>
#include <interlock/atomic.hpp>
#include <interlock/coroutine.hpp>
#include <interlock/event_loop.hpp>
#include <interlock/future.hpp>
#include <interlock/queue.hpp>
#include <interlock/thread.hpp>
#include <interlock/thread_pool.hpp>

#include <valgrind/helgrind.h>

#include <memory>

#include "tests/unit/primitives/under_tools.hpp"

namespace {

void hand_results_over() {
    long value = 0;
    interlock::promise<void> filled;
    interlock::shared_future<void> is_filled = filled.get_future().share();
    interlock::thread reader("reader", [&] {
        is_filled.wait();
        must(value == 1);
    });
    interlock::jthread writer("writer", [&] {
        ++value;
        filled.set_value();
    });
    is_filled.get();
    must(value == 1);
    reader.join();
    writer.join();

    interlock::packaged_task<long()> task{"task", [&] { return ++value; }};
    interlock::future<long> result = task.get_future();
    interlock::thread(std::move(task)).join();
    must(result.get() == 2);
    must(interlock::async(std::launch::async, "async", [&] { return ++value; }).get() == 3);
    try {
        auto fails = interlock::async(std::launch::async, [&] { throw ++value; });
        fails.get();
    } catch (long thrown) {
        must(thrown == 4 && value == 4);
    }
}

template <typename Queue>
void queue_up() {
    Queue jobs{"jobs", 2};
    std::unique_ptr<long> last;
    std::atomic<long> sum{0};
    if (interlock::tools::on_valgrind) VALGRIND_HG_DISABLE_CHECKING(&sum, sizeof sum);
    run([&](unsigned i) {
        if (i % 2 == 0) {
            for (int turn = 0; turn < turns; ++turn) jobs.put(std::make_unique<long>(turn));
            if (i == 0) return;
        } else {
            for (int turn = 0; turn < turns; ++turn) {
                auto got = jobs.get();
                sum += **got;
                jobs.task_done();
            }
        }
    });
    jobs.join();
    jobs.shutdown();
    must(!jobs.get());
    must(sum == 2 * turns * (turns - 1) / 2);
}

/// Greater by what it points to.
struct by_value {
    bool operator()(const std::unique_ptr<long>& a, const std::unique_ptr<long>& b) const { return *a < *b; }
};

void work_in_a_pool() {
    long value = 0;
    std::vector<long> parts(turns, 0);
    interlock::thread_pool pool{"pool", 3};
    std::vector<interlock::future<long>> results;
    for (long& part : parts) results.push_back(pool.submit([&part] { return ++part; }));
    for (interlock::future<long>& one : results) value += one.get();
    for (const long part : parts) must(part == 1);
    must(value == turns);
}

void work_in_a_loop() {
    interlock::event_loop loop{"loop", std::chrono::hours(1)};
    long value = 0;
    std::thread runner([&] { loop.run(); });
    for (int i = 0; i < turns; ++i) loop.post([&] { ++value; });
    loop.post_after(std::chrono::milliseconds(1), [&] {
        ++value;
        loop.stop();
    });
    runner.join();
    must(value == turns + 1);
}

void work_in_tasks() {
    interlock::thread_pool pool{"pool", 3};
    interlock::async_mutex one{"one"};
    interlock::async_semaphore some{"some", 1};
    long value = 0;
    long other = 0;
    const auto count = [&]() -> interlock::task<> {
        co_await resume_on(pool);
        for (int i = 0; i < turns; ++i) {
            {
                const interlock::async_lock held = co_await one.scoped_lock();
                ++value;
            }
            co_await some.acquire();
            ++other;
            some.release();
        }
    };
    interlock::sync_wait(when_all(count(), count(), count()));
    must(value == 3 * turns && other == 3 * turns);
}

/// A flag and a stack of atomics hand plain data over: by memory orders alone, which Helgrind does not know.
void publish_by_atomics() {
    interlock::atomic<long*> published{nullptr, "published"};
    long value = 0;
    std::thread other([&] {
        value = 7;
        published.store(&value, std::memory_order_release);
        published.notify_all();
    });
    published.wait(nullptr, std::memory_order_acquire);
    must(*published.load(std::memory_order_acquire) == 7);
    other.join();

    struct node {
        long value;
        node* next;
    };
    interlock::atomic<node*> top{nullptr, "top"};
    std::vector<node> nodes(std::size_t{threads_max} * turns);
    run([&](unsigned i) {
        for (unsigned turn = 0; turn < turns; ++turn) {
            node& mine = nodes[i * turns + turn];
            mine.value = 1;
            mine.next = top.load(std::memory_order_relaxed);
            while (!top.compare_exchange_weak(mine.next, &mine, std::memory_order_release, std::memory_order_relaxed)) {
            }
            for (const node* at = top.load(std::memory_order_acquire); at != nullptr; at = at->next)
                must(at->value == 1);
        }
    });
}

}  // namespace

void hand_work_over() {
    hand_results_over();
    queue_up<interlock::queue<std::unique_ptr<long>>>();
    queue_up<interlock::lifo_queue<std::unique_ptr<long>>>();
    queue_up<interlock::priority_queue<std::unique_ptr<long>, by_value>>();
    work_in_a_pool();
    work_in_a_loop();
    work_in_tasks();
    if (!interlock::tools::on_valgrind) publish_by_atomics();
}
