// Waits that time out request their mutex again like any other, with every clock; nothing here is wrong.
//
// expect: wait_for
//   acquisitions 2
//   dependencies 0
//   stdout timed out
//   clean
// expect: wait_until
//   acquisitions 2
//   dependencies 0
//   stdout timed out
//   clean
// expect: cond_timedwait
//   acquisitions 2
//   dependencies 0
//   stdout timed out
//   clean
// expect: cnd_timedwait
//   acquisitions 2
//   dependencies 0
//   stdout timed out
//   clean
// expect: any
//   acquisitions at-least 2
//   dependencies at-least 0
//   stdout timed out
//   clean

#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <string_view>

namespace {

constexpr timespec past{1, 0};

bool times_out(std::string_view how) {
    if (how == "cond_timedwait") {
        static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
        static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
        pthread_mutex_lock(&m);
        const int result = pthread_cond_timedwait(&never, &m, &past);
        pthread_mutex_unlock(&m);
        return result == ETIMEDOUT;
    }
    if (how == "cnd_timedwait") {
        static mtx_t m;
        static cnd_t never;
        mtx_init(&m, mtx_plain);
        cnd_init(&never);
        mtx_lock(&m);
        const int result = cnd_timedwait(&never, &m, &past);
        mtx_unlock(&m);
        return result == thrd_timedout;
    }
    std::mutex m;
    std::unique_lock lock(m);
    if (how == "any") {
        std::condition_variable_any never;
        return never.wait_for(lock, std::chrono::milliseconds(1)) == std::cv_status::timeout;
    }
    std::condition_variable never;
    if (how == "wait_for") return never.wait_for(lock, std::chrono::milliseconds(1)) == std::cv_status::timeout;
    return never.wait_until(lock, std::chrono::system_clock::now()) == std::cv_status::timeout;
}

}  // namespace

int main(int count, char** words) {
    if (count != 2 || !times_out(words[1])) return 2;
    std::puts("timed out");
    return 0;
}
