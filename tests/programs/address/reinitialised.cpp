// C locks whose memory is used again: initialised anew by a call, by assignment, after a destroy, by mapping the same page
// again, or moved by realloc. What comes after is another lock, whatever the address says.
//
// expect: init
//   acquisitions 4
//   dependencies 2
//   clean
// expect: destroy-init
//   acquisitions 4
//   dependencies 2
//   clean
// expect: assigned
//   acquisitions 4
//   dependencies 2
//   clean
// expect: mapped
//   acquisitions 4
//   dependencies 2
//   clean
// expect: moved
//   acquisitions 4
//   dependencies 2
//   clean
// expect: rwlock
//   acquisitions 4
//   dependencies 2
//   clean
// expect: spin
//   acquisitions 4
//   dependencies 2
//   clean
// expect: c11
//   acquisitions 4
//   dependencies 2
//   clean
// expect: semaphore
//   acquisitions 4
//   dependencies at-least 0
//   events semaphore_value 4
//   events semaphore_acquire 4
//   clean
// expect: kept
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=mutexes[0],mutexes[1] functions=nest

#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <threads.h>

#include <cstdlib>
#include <string_view>

#include "tests/programs/address/worker.hpp"

namespace {

pthread_mutex_t mutexes[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
pthread_rwlock_t shared[2];
pthread_spinlock_t spins[2];
mtx_t c11[2];
sem_t semaphores[2];

template <class Lock, class Acquire, class Release>
void nest(Lock& first, Lock& second, Acquire acquire, Release release) {
    acquire(&first);
    acquire(&second);
    release(&second);
    release(&first);
}

void nest(pthread_mutex_t& first, pthread_mutex_t& second) {
    nest(first, second, pthread_mutex_lock, pthread_mutex_unlock);
}

void mutex_case(std::string_view how, worker& one, worker& other) {
    one.run([] { nest(mutexes[0], mutexes[1]); });
    for (pthread_mutex_t& lock : mutexes) {
        if (how == "destroy-init") pthread_mutex_destroy(&lock);
        if (how == "destroy-init" || how == "init") pthread_mutex_init(&lock, nullptr);
        if (how == "assigned") lock = PTHREAD_MUTEX_INITIALIZER;
    }
    other.run([] { nest(mutexes[1], mutexes[0]); });
}

void* page(void* at) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | (at != nullptr ? MAP_FIXED_NOREPLACE : 0);
    void* made = mmap(at, 4096, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (made == MAP_FAILED || (at != nullptr && made != at)) std::_Exit(3);
    return made;
}

void mapped_case(worker& one, worker& other) {
    auto* locks = static_cast<pthread_mutex_t*>(page(nullptr));
    one.run([&] { nest(locks[0], locks[1]); });
    munmap(locks, 4096);
    locks = static_cast<pthread_mutex_t*>(page(locks));
    other.run([&] { nest(locks[1], locks[0]); });
}

void moved_case(worker& one, worker& other) {
    constexpr std::size_t size = 4096;
    auto* locks = static_cast<pthread_mutex_t*>(std::calloc(1, size));
    void* in_the_way = std::malloc(size);
    const void* volatile before = locks;
    one.run([&] { nest(locks[0], locks[1]); });
    locks = static_cast<pthread_mutex_t*>(std::realloc(locks, 1 << 20));
    if (locks == before) std::_Exit(3);
    other.run([&] { nest(locks[1], locks[0]); });
    std::free(locks);
    std::free(in_the_way);
}

void rwlock_case(worker& one, worker& other) {
    for (int side = 0; side < 2; ++side) {
        for (pthread_rwlock_t& lock : shared) pthread_rwlock_init(&lock, nullptr);
        (side == 0 ? one : other).run([side] {
            nest(shared[side], shared[1 - side], pthread_rwlock_wrlock, pthread_rwlock_unlock);
        });
        for (pthread_rwlock_t& lock : shared) pthread_rwlock_destroy(&lock);
    }
}

void spin_case(worker& one, worker& other) {
    for (int side = 0; side < 2; ++side) {
        for (pthread_spinlock_t& lock : spins) pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
        (side == 0 ? one : other).run([side] {
            nest(spins[side], spins[1 - side], pthread_spin_lock, pthread_spin_unlock);
        });
        for (pthread_spinlock_t& lock : spins) pthread_spin_destroy(&lock);
    }
}

void c11_case(worker& one, worker& other) {
    for (int side = 0; side < 2; ++side) {
        for (mtx_t& lock : c11) mtx_init(&lock, mtx_plain);
        (side == 0 ? one : other).run([side] { nest(c11[side], c11[1 - side], mtx_lock, mtx_unlock); });
        for (mtx_t& lock : c11) mtx_destroy(&lock);
    }
}

void semaphore_case(worker& one, worker& other) {
    for (int side = 0; side < 2; ++side) {
        for (sem_t& lock : semaphores) sem_init(&lock, 0, 1);
        (side == 0 ? one : other).run([side] { nest(semaphores[side], semaphores[1 - side], sem_wait, sem_post); });
        for (sem_t& lock : semaphores) sem_destroy(&lock);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const std::string_view how = words[1];
    worker one(1);
    worker other(2);
    if (how == "mapped")
        mapped_case(one, other);
    else if (how == "moved")
        moved_case(one, other);
    else if (how == "rwlock")
        rwlock_case(one, other);
    else if (how == "spin")
        spin_case(one, other);
    else if (how == "c11")
        c11_case(one, other);
    else if (how == "semaphore")
        semaphore_case(one, other);
    else
        mutex_case(how, one, other);
    return 0;
}
