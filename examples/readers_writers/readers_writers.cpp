// Readers and writers under three policies: readers first, writers first, strict order of arrival.
//
//      readers_writers readers|writers|fair        two readers and a writer: all come through under each of them
//      readers_writers again                       a reader that asks again for what it holds: once writers go first, a writer that came in
//                                                  between would wait for it, and it for the writer
//
// expect: readers
//   stdout 30 written
//   acquisitions 90
//   dependencies 0
//   clean
// expect: writers
//   stdout 30 written
//   acquisitions 90
//   dependencies 0
//   clean
// expect: fair
//   stdout 30 written
//   acquisitions 90
//   dependencies 0
//   clean
// expect: again
//   stdout 1 written
//   acquisitions 3
//   dependencies 1
//   finding self-deadlock potential edges=1 locks=news functions=read_twice modes=SS

#include <interlock/shared_mutex.hpp>
#include <interlock/thread.hpp>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <string_view>

namespace {

constexpr int rounds = 30;
int pages = 0;
std::atomic<bool> has_read = false;

template <typename Mutex>
void read(Mutex& news) {
    for (int i = 0; i < rounds; ++i) {
        const std::shared_lock held(news);
        if (pages < 0) std::puts("torn");
    }
}

template <typename Mutex>
void write(Mutex& news, int times) {
    for (int i = 0; i < times; ++i) {
        const std::lock_guard held(news);
        ++pages;
    }
}

template <typename Mutex>
void read_twice(Mutex& news) {
    const std::shared_lock first(news);
    const std::shared_lock again(news);
}

template <typename Mutex>
void share(Mutex& news) {
    interlock::thread one("reader", [&] { read(news); });
    interlock::thread other("reader", [&] { read(news); });
    interlock::thread writer("writer", [&] { write(news, rounds); });
    one.join();
    other.join();
    writer.join();
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "fair";
    interlock::reader_preferring_mutex readers_first{"news"};
    interlock::writer_preferring_mutex writers_first{"news"};
    interlock::fair_shared_mutex fair{"news"};
    if (how == "readers") share(readers_first);
    if (how == "writers") share(writers_first);
    if (how == "fair") share(fair);
    if (how == "again") {
        interlock::thread writer("writer", [&] {
            while (!has_read.load()) std::this_thread::yield();  // luck, not locking
            write(writers_first, 1);
        });
        read_twice(writers_first);
        has_read.store(true);
        writer.join();
    }
    std::printf("%d written\n", pages);
}
