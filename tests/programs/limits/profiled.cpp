// SIGPROF at 10 kHz into eight threads that lock and count; the handler posts a semaphore and tries a lock. What they count is exact.
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/time.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <thread>
#include <vector>

namespace {

pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t inner = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t of_handler = PTHREAD_MUTEX_INITIALIZER;
sem_t posted;
std::atomic<long> handled{0};
long total = 0;

void handle(int) {
    const int kept = errno;
    sem_post(&posted);
    if (pthread_mutex_trylock(&of_handler) == 0) pthread_mutex_unlock(&of_handler);
    ++handled;
    errno = kept;
}

void work() {
    for (int i = 0; i < 20000; ++i) {
        errno = 1234;
        pthread_mutex_lock(&shared);
        pthread_mutex_lock(&inner);
        ++total;
        pthread_mutex_unlock(&inner);
        pthread_mutex_unlock(&shared);
        if (errno != 1234) _Exit(3);
    }
}

}  // namespace

int main() {
    sem_init(&posted, 0, 0);
    struct sigaction action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    sigaction(SIGPROF, &action, nullptr);
    const itimerval often = {{0, 100}, {0, 100}};
    const itimerval never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_PROF, &often, nullptr);
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    while (handled == 0) work();  // a machine whose timers are coarse
    setitimer(ITIMER_PROF, &never, nullptr);
    int value = 0;
    sem_getvalue(&posted, &value);
    std::printf("%d %d\n", total % 20000 == 0, value == handled);
}
