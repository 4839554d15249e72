// The standard library's locks, with nothing else held: unoptimised, each of them is acquired in one function of the library. What is told are
// the functions of the program, so that two defects are two findings.
//
// expect: handlers
//   acquisitions 4
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=settings functions=on_first via=handlers,on_first
//   finding self-deadlock potential edges=1 locks=entries functions=on_second via=handlers,on_second
// expect: handlers-blocked
//   acquisitions 4
//   dependencies 0
//   clean
// expect: join
//   acquisitions 2
//   dependencies 1
//   finding lock-order-cycle ordered edges=2 functions=read,join via=read,main no=circular_wait
// expect: join-after
//   acquisitions 2
//   dependencies 0
//   clean

#include <signal.h>

#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <thread>

static std::mutex settings;
static std::shared_mutex entries;

struct config {
    int value = 0;
    int read() {
        const std::lock_guard<std::mutex> held(settings);
        return value;
    }
};
struct journal {
    int lines = 0;
    void write() {
        const std::unique_lock<std::shared_mutex> held(entries);
        ++lines;
    }
};

static config first;
static journal second;

static void on_first(int) { first.read(); }
static void on_second(int) { second.write(); }

static void handlers(bool blocked) {
    sigset_t both, before;
    signal(SIGUSR1, on_first);
    signal(SIGUSR2, on_second);
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    if (blocked) sigprocmask(SIG_BLOCK, &both, &before);
    first.read();
    second.write();
    if (blocked) sigprocmask(SIG_SETMASK, &before, nullptr);
    raise(SIGUSR1);
    raise(SIGUSR2);
}

/// The thread has come past its last lock when it is joined under it, by luck alone.
static void join(bool after) {
    pthread_barrier_t past;
    pthread_barrier_init(&past, nullptr, 2);
    std::thread worker([&] {
        first.read();
        pthread_barrier_wait(&past);
    });
    pthread_barrier_wait(&past);
    if (after) worker.join();
    const std::lock_guard<std::mutex> held(settings);
    if (!after) worker.join();
}

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view what = words[1];
    if (what.substr(0, 8) == "handlers")
        handlers(what == "handlers-blocked");
    else
        join(what == "join-after");
    return 0;
}
