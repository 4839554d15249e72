// Every timed call there is, as the second request of one side of an inversion: each makes the cycle escapable. Two shared
// requests meet no shared hold here, so readers are in it too.
//
// expect: mutex_timedlock
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 timed=1 modes=EE,EE
// expect: mutex_clocklock
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 timed=1 modes=EE,EE
// expect: rwlock_timedwrlock
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 timed=1 modes=EE,EE
// expect: rwlock_clockwrlock
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 timed=1 modes=EE,EE
// expect: rwlock_timedrdlock
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 timed=1 modes=EE,ES
// expect: rwlock_clockrdlock
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 timed=1 modes=EE,ES
// expect: sem_timedwait
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 timed=1 modes=EE,EE
// expect: sem_clockwait
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 timed=1 modes=EE,EE
// expect: mtx_timedlock
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle escapable edges=2 timed=1 modes=EE,EE
// expect: none
//   acquisitions 2
//   dependencies 0
//   clean

#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include <cstdlib>
#include <ctime>
#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
sem_t semaphore;
mtx_t c11;
pthread_mutex_t common = PTHREAD_MUTEX_INITIALIZER;

timespec in_a_minute(clockid_t clock) {
    timespec end{};
    clock_gettime(clock, &end);
    end.tv_sec += 60;
    return end;
}

int request(std::string_view how) {
    const timespec real = in_a_minute(CLOCK_REALTIME);
    const timespec steady = in_a_minute(CLOCK_MONOTONIC);
    if (how == "mutex_timedlock") return pthread_mutex_timedlock(&m, &real);
    if (how == "mutex_clocklock") return pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &steady);
    if (how == "rwlock_timedwrlock") return pthread_rwlock_timedwrlock(&rw, &real);
    if (how == "rwlock_clockwrlock") return pthread_rwlock_clockwrlock(&rw, CLOCK_MONOTONIC, &steady);
    if (how == "rwlock_timedrdlock") return pthread_rwlock_timedrdlock(&rw, &real);
    if (how == "rwlock_clockrdlock") return pthread_rwlock_clockrdlock(&rw, CLOCK_MONOTONIC, &steady);
    if (how == "sem_timedwait") return sem_timedwait(&semaphore, &real);
    if (how == "sem_clockwait") return sem_clockwait(&semaphore, CLOCK_MONOTONIC, &steady);
    if (how == "mtx_timedlock") return mtx_timedlock(&c11, &real);
    return 0;
}

void acquire(std::string_view how) {
    if (how.starts_with("mutex")) pthread_mutex_lock(&m);
    if (how.starts_with("rwlock")) pthread_rwlock_wrlock(&rw);
    if (how.starts_with("sem")) sem_wait(&semaphore);
    if (how.starts_with("mtx")) mtx_lock(&c11);
}

void release(std::string_view how) {
    if (how.starts_with("mutex")) pthread_mutex_unlock(&m);
    if (how.starts_with("rwlock")) pthread_rwlock_unlock(&rw);
    if (how.starts_with("sem")) sem_post(&semaphore);
    if (how.starts_with("mtx")) mtx_unlock(&c11);
}

void one(std::string_view how) {
    await_turn(0);
    pthread_mutex_lock(&common);
    if (request(how) != 0) std::abort();
    release(how);
    pthread_mutex_unlock(&common);
    give_turn(1);
}

void other(std::string_view how) {
    await_turn(1);
    acquire(how);
    pthread_mutex_lock(&common);
    pthread_mutex_unlock(&common);
    release(how);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    sem_init(&semaphore, 0, 1);
    mtx_init(&c11, mtx_timed);
    std::thread first(one, words[1]);
    std::thread second(other, words[1]);
    first.join();
    second.join();
    return 0;
}
