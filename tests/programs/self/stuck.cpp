// A thread waits for what it holds itself, for ever: AA over every kind of lock that lets it. The main thread ends the process
// once the thread has come to rest, so the log ends in the deadlock.
//
// expect: mutex
//   acquisitions 1
//   dependencies at-least 0
//   finding self-deadlock observed edges=1 locks=mutex functions=again
// expect: std-mutex
//   acquisitions 1
//   dependencies at-least 0
//   finding self-deadlock observed edges=1 locks=std_mutex functions=again
// expect: c11
//   acquisitions 1
//   dependencies at-least 0
//   finding self-deadlock observed edges=1 locks=c11 functions=again
// expect: adaptive
//   acquisitions 1
//   dependencies at-least 0
//   finding self-deadlock observed edges=1 locks=adaptive functions=again
// expect: upgrade
//   acquisitions 1
//   dependencies at-least 0
//   finding self-deadlock observed edges=1 locks=shared functions=again modes=SE
// expect: spin
//   acquisitions 1
//   dependencies at-least 0
//   finding self-deadlock observed edges=1 locks=spin functions=again
// expect: semaphore
//   acquisitions 1
//   dependencies at-least 0
//   clean
// expect: recursive
//   acquisitions 2
//   dependencies 0
//   clean

#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/blocked.h"

namespace {

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t adaptive = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
pthread_spinlock_t spin;
std::mutex std_mutex;
mtx_t c11;
sem_t semaphore;
int stuck;

void once(std::string_view kind) {
    if (kind == "mutex") pthread_mutex_lock(&mutex);
    if (kind == "adaptive") pthread_mutex_lock(&adaptive);
    if (kind == "recursive") pthread_mutex_lock(&recursive);
    if (kind == "upgrade") pthread_rwlock_rdlock(&shared);
    if (kind == "spin") pthread_spin_lock(&spin);
    if (kind == "std-mutex") std_mutex.lock();
    if (kind == "c11") mtx_lock(&c11);
    if (kind == "semaphore") sem_wait(&semaphore);
}

void again(std::string_view kind) {
    if (kind == "mutex") pthread_mutex_lock(&mutex);
    if (kind == "adaptive") pthread_mutex_lock(&adaptive);
    if (kind == "recursive") pthread_mutex_lock(&recursive);
    if (kind == "upgrade") pthread_rwlock_wrlock(&shared);
    if (kind == "spin") pthread_spin_lock(&spin);
    if (kind == "std-mutex") std_mutex.lock();
    if (kind == "c11") mtx_lock(&c11);
    if (kind == "semaphore") sem_wait(&semaphore);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view kind = words[1];
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    mtx_init(&c11, mtx_plain);
    sem_init(&semaphore, 0, 1);
    std::thread thread([kind] {
        once(kind);
        say_thread(&stuck);
        again(kind);
        if (kind == "recursive") {
            pthread_mutex_unlock(&recursive);
            pthread_mutex_unlock(&recursive);
        }
    });
    if (kind == "recursive") {
        thread.join();
        return 0;
    }
    kind == "spin" ? await_spinning(thread.native_handle()) : await_blocked(&stuck);
    _exit(0);
}
