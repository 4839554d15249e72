// N threads each hold their own lock and wait for their neighbour's, for ever. The kinds go round: mutex, rwlock held for
// reading and wanted for writing, C11 mutex, binary semaphore. Where a semaphore is one of them it is no deadlock for certain: main runs,
// and anybody may post it.
//
// expect: 3
//   acquisitions 3
//   dependencies 3
//   finding deadlock observed edges=3 functions=want no=none
// expect: 4
//   acquisitions 4
//   dependencies 4
//   finding lock-order-cycle potential edges=4 functions=want no=none
// expect: 12
//   acquisitions 12
//   dependencies 12
//   finding lock-order-cycle potential edges=12 functions=want no=none
// expect: 4 broken
//   acquisitions 8
//   dependencies 4
//   clean

#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include <array>
#include <cstdlib>
#include <thread>
#include <vector>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

namespace {

struct seat {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
    mtx_t c11{};
    sem_t semaphore{};
    int stuck = 0;
};

std::array<seat, 16> seats;

void hold(std::size_t at) {
    switch (at % 4) {
        case 0: pthread_mutex_lock(&seats[at].mutex); break;
        case 1: pthread_rwlock_rdlock(&seats[at].shared); break;
        case 2: mtx_lock(&seats[at].c11); break;
        default: sem_wait(&seats[at].semaphore); break;
    }
}

void want(std::size_t at) {
    switch (at % 4) {
        case 0: pthread_mutex_lock(&seats[at].mutex); break;
        case 1: pthread_rwlock_wrlock(&seats[at].shared); break;
        case 2: mtx_lock(&seats[at].c11); break;
        default: sem_wait(&seats[at].semaphore); break;
    }
}

void release(std::size_t at) {
    switch (at % 4) {
        case 0: pthread_mutex_unlock(&seats[at].mutex); break;
        case 1: pthread_rwlock_unlock(&seats[at].shared); break;
        case 2: mtx_unlock(&seats[at].c11); break;
        default: sem_post(&seats[at].semaphore); break;
    }
}

void stay(int turn, std::size_t own, std::size_t next, int size) {
    await_turn(turn);
    hold(own);
    give_turn(turn + 1);
    await_turn(size);
    say_thread(&seats[own].stuck);
    want(next);
}

void pass(int turn, std::size_t first, std::size_t second) {
    await_turn(turn);
    hold(first);
    want(second);
    release(second);
    release(first);
    give_turn(turn + 1);
}

}  // namespace

int main(int count, char** words) {
    const std::size_t size = count > 1 ? std::strtoul(words[1], nullptr, 10) : 0;
    if (size < 2 || size > seats.size()) return 2;
    for (seat& one : seats) {
        mtx_init(&one.c11, mtx_plain);
        sem_init(&one.semaphore, 0, 1);
    }
    std::vector<std::thread> threads;
    for (std::size_t at = 0; at < size; ++at) {
        const int turn = static_cast<int>(at);
        const std::size_t next = (at + 1) % size;
        if (count > 2)
            threads.emplace_back(pass, turn, at < next ? at : next, at < next ? next : at);
        else
            threads.emplace_back(stay, turn, at, next, static_cast<int>(size));
    }
    if (count > 2) {
        for (std::thread& thread : threads) thread.join();
        return 0;
    }
    for (std::size_t at = 0; at < size; ++at) await_blocked(&seats[at].stuck);
    _exit(0);
}
