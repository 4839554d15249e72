// What race detection is timed on: each workload by its name, a second or so under ThreadSanitizer at scale 60. With
// INTERLOCK_BENCH_ZLIB, zlib is one of them, built like this file.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <shared_mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#ifdef INTERLOCK_BENCH_ZLIB
#include <zlib.h>
#endif

namespace {

constexpr int threads_count = 4;
std::atomic<long> result{0};

template <typename Work>
void on_threads(int count, Work work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
    for (std::thread& each : threads) each.join();
}

/// Each thread its own array of 64-bit and 32-bit numbers.
void memory_loops(int scale) {
    on_threads(threads_count, [&](int) {
        std::vector<long> numbers(1 << 16, 1);
        std::vector<int> small(1 << 16, 1);
        long sum = 0;
        for (int round = 0; round < 10 * scale; ++round)
            for (std::size_t i = 0; i < numbers.size(); ++i) {
                numbers[i] += small[i];
                sum += numbers[i];
            }
        result += sum;
    });
}

void mutex_counters(int scale) {
    static std::mutex guards[8];
    static long counters[8];
    on_threads(threads_count, [&](int id) {
        for (int i = 0; i < 20'000 * scale; ++i) {
            const auto which = static_cast<std::size_t>(i + id) % 8;
            const std::lock_guard lock(guards[which]);
            ++counters[which];
        }
    });
    result += counters[0];
}

void producer_consumer(int scale) {
    std::mutex guard;
    std::condition_variable not_empty;
    std::condition_variable not_full;
    std::deque<int> items;
    const int total = 3'000 * scale;
    on_threads(2, [&](int id) {
        for (int i = 0; i < total; ++i) {
            std::unique_lock lock(guard);
            if (id == 0) {
                not_full.wait(lock, [&] { return items.size() < 64; });
                items.push_back(i);
                not_empty.notify_one();
            } else {
                not_empty.wait(lock, [&] { return !items.empty(); });
                result += items.front();
                items.pop_front();
                not_full.notify_one();
            }
        }
    });
}

void matrix(int scale) {
    constexpr std::size_t size = 128;
    std::vector<double> a(size * size, 1.5);
    std::vector<double> b(size * size, 0.5);
    std::vector<double> c(size * size);
    on_threads(threads_count, [&](int id) {
        for (int round = 0; round < scale / 4 + 1; ++round)
            for (auto i = static_cast<std::size_t>(id); i < size; i += threads_count)
                for (std::size_t j = 0; j < size; ++j) {
                    double sum = 0;
                    for (std::size_t k = 0; k < size; ++k) sum += a[i * size + k] * b[k * size + j];
                    c[i * size + j] = sum;
                }
    });
    result += static_cast<long>(c[5]);
}

void shared_map(int scale) {
    std::unordered_map<int, std::string> known;
    std::shared_mutex guard;
    on_threads(threads_count, [&](int id) {
        for (int i = 0; i < 2'500 * scale; ++i) {
            if (i % 16 == 0) {
                const std::unique_lock lock(guard);
                known[(i * 7 + id) % 1024] = "some value that is long enough for the heap";
            } else {
                const std::shared_lock lock(guard);
                if (const auto it = known.find(i % 1024); it != known.end())
                    result += static_cast<long>(it->second.size());
            }
        }
    });
}

void sort(int scale) {
    on_threads(threads_count, [&](int id) {
        std::vector<int> numbers(1 << 14);
        for (int round = 0; round < scale / 2 + 1; ++round) {
            unsigned state = static_cast<unsigned>(id + round + 1);
            for (int& each : numbers) each = static_cast<int>(state = state * 1664525u + 1013904223u);
            std::sort(numbers.begin(), numbers.end());
        }
        result += numbers[0];
    });
}

struct node {
    std::unique_ptr<node> left;
    std::unique_ptr<node> right;
    int value = 0;
};
std::unique_ptr<node> grow(int depth) {
    auto made = std::make_unique<node>();
    made->value = depth;
    if (depth > 0) {
        made->left = grow(depth - 1);
        made->right = grow(depth - 1);
    }
    return made;
}

void allocation(int scale) {
    on_threads(threads_count, [&](int) {
        for (int round = 0; round < scale; ++round) result += grow(11)->value;
    });
}

void atomics(int scale) {
    static std::atomic<long> counters[4];
    static std::atomic<long> shared{0};
    on_threads(threads_count, [&](int id) {
        for (int i = 0; i < 20'000 * scale; ++i) {
            counters[id].fetch_add(1, std::memory_order_relaxed);
            if (i % 8 == 0) shared.fetch_add(1, std::memory_order_acq_rel);
            if (shared.load(std::memory_order_acquire) < 0) std::abort();
        }
    });
}

void thread_creation(int scale) {
    for (int i = 0; i < 25 * scale; ++i)
        on_threads(4, [](int id) {
            long local[32] = {};
            for (int j = 0; j < 32; ++j) local[j] = id + j;
            result += std::accumulate(std::begin(local), std::end(local), 0L);
        });
}

void strings(int scale) {
    on_threads(threads_count, [&](int id) {
        std::map<std::string, int> words;
        for (int i = 0; i < 2'000 * scale; ++i) {
            std::string word = "word " + std::to_string((i * 31 + id) % 500);
            ++words[word];
        }
        result += static_cast<long>(words.size());
    });
}

void work_stealing(int scale) {
    struct alignas(64) lane {
        std::mutex guard;
        std::deque<int> tasks;
    };
    static lane lanes[threads_count];
    for (int i = 0; i < 2'500 * scale; ++i) lanes[0].tasks.push_back(i);
    on_threads(threads_count, [&](int id) {
        for (;;) {
            int task = -1;
            for (int at = 0; at < threads_count && task < 0; ++at) {
                lane& from = lanes[(id + at) % threads_count];
                const std::lock_guard lock(from.guard);
                if (from.tasks.empty()) continue;
                task = from.tasks.back();
                from.tasks.pop_back();
            }
            if (task < 0) return;
            long sum = 0;
            for (int j = 0; j < 50; ++j) sum += task * j;
            result += sum;
        }
    });
}

#ifdef INTERLOCK_BENCH_ZLIB
/// Each thread compresses and uncompresses a text of its own making.
void zlib(int scale) {
    on_threads(threads_count, [&](int id) {
        std::vector<Bytef> text(1 << 15);
        unsigned state = static_cast<unsigned>(id) + 1;
        for (std::size_t i = 0; i < text.size(); ++i) {
            state = state * 1664525u + 1013904223u;
            text[i] =
                i > 100 && state >> 28 != 0 ? text[i - 64 - state % 32] : static_cast<Bytef>('a' + (state >> 16) % 26);
        }
        std::vector<Bytef> small(compressBound(text.size()));
        std::vector<Bytef> back(text.size());
        for (int round = 0; round < scale / 10 + 1; ++round) {
            uLongf small_size = small.size();
            uLongf back_size = back.size();
            if (compress(small.data(), &small_size, text.data(), text.size()) != Z_OK ||
                uncompress(back.data(), &back_size, small.data(), small_size) != Z_OK || back != text)
                std::abort();
            result += static_cast<long>(small_size);
        }
    });
}
#endif

/// CPU seconds and greatest resident memory in kB, of this process since it was executed.
void print_figures() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    long high_kb = 0;
    if (std::FILE* status = std::fopen("/proc/self/status", "r")) {
        char line[256];
        while (std::fgets(line, sizeof line, status) != nullptr) std::sscanf(line, "VmHWM: %ld", &high_kb);
        std::fclose(status);
    }
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    std::printf("%.4f %ld\n", seconds(used.ru_utime) + seconds(used.ru_stime), high_kb);
}

}  // namespace

int main(int count, char** arguments) {
    static const std::map<std::string, void (*)(int)> all = {
        {"memory-loops", memory_loops},
        {"mutex-counters", mutex_counters},
        {"producer-consumer", producer_consumer},
        {"matrix", matrix},
        {"shared-map", shared_map},
        {"sort", sort},
        {"allocation", allocation},
        {"atomics", atomics},
        {"thread-creation", thread_creation},
        {"strings", strings},
        {"work-stealing", work_stealing},
#ifdef INTERLOCK_BENCH_ZLIB
        {"zlib", zlib},
#endif
    };
    if (count != 3 || all.find(arguments[1]) == all.end()) {
        for (const auto& [name, work] : all) std::puts(name.c_str());
        return 2;
    }
    all.at(arguments[1])(std::atoi(arguments[2]));
    print_figures();
    return result == -1 ? 1 : 0;
}
