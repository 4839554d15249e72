// lockdep's tables of shared modes over glibc rwlocks. Each word is one thread's edge: it holds its own lock Exclusively or
// Shared and wants the next thread's lock as a Reader or as a writer (N, no reader). A cycle blocks unless somewhere a reader
// meets a shared hold. Where writers are preferred a reader also queues behind a writer, if one can come.
//
// expect: readers ER ER
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=locks[0],locks[1] modes=ES,ES
// expect: readers ER SR
//   acquisitions 4
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean
// expect: readers ER EN
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 modes=ES,EE
// expect: readers ER SN
//   acquisitions 4
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean
// expect: readers SR SR
//   acquisitions 4
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean
// expect: readers SR EN
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 modes=SS,EE
// expect: readers SR SN
//   acquisitions 4
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean
// expect: readers EN EN
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 modes=EE,EE
// expect: readers EN SN
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 modes=EE,SE
// expect: readers SN SN
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 modes=SE,SE
// expect: readers ER ER ER
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle potential edges=3 locks=locks[0],locks[1],locks[2] modes=ES,ES,ES
// expect: readers EN SR ER
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle potential edges=3 modes=EE,SS,ES
// expect: readers EN SR SN
//   acquisitions 6
//   dependencies 3
//   harmless mutual-exclusion 1
//   clean
// expect: readers ER SR EN
//   acquisitions 6
//   dependencies 3
//   harmless mutual-exclusion 1
//   clean
// expect: readers-by-name SR SR
//   acquisitions 4
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean
// expect: writers SR SR
//   acquisitions 4
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean
// expect: writers ER SN
//   acquisitions 4
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean
// expect: writers ER ER
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 modes=ES,ES
// expect: writers SN SN
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 modes=SE,SE
// expect: writers-and-one-comes SR SR
//   acquisitions 6
//   dependencies 2
//   finding lock-order-cycle potential edges=2 modes=SS,SS
// expect: writers-and-one-comes SR SN
//   acquisitions 6
//   dependencies 2
//   finding lock-order-cycle potential edges=2 modes=SS,SE
// expect: writers-and-one-comes EN SR SN
//   acquisitions 9
//   dependencies 3
//   finding lock-order-cycle potential edges=3 modes=EE,SS,SE
// expect: readers-and-one-comes SR SR
//   acquisitions 6
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean

#include <pthread.h>

#include <string_view>
#include <thread>
#include <vector>

#include "tests/programs/hand_over.h"

namespace {

pthread_rwlock_t locks[3];

void edge(int turn, std::size_t own, std::size_t next, std::string_view modes) {
    await_turn(turn);
    modes[0] == 'S' ? pthread_rwlock_rdlock(&locks[own]) : pthread_rwlock_wrlock(&locks[own]);
    modes[1] == 'R' ? pthread_rwlock_rdlock(&locks[next]) : pthread_rwlock_wrlock(&locks[next]);
    pthread_rwlock_unlock(&locks[next]);
    pthread_rwlock_unlock(&locks[own]);
    give_turn(turn + 1);
}

void writer(int turn, std::size_t count) {
    await_turn(turn);
    for (std::size_t lock = 0; lock < count; ++lock) {
        pthread_rwlock_wrlock(&locks[lock]);
        pthread_rwlock_unlock(&locks[lock]);
    }
}

int preference(std::string_view word) {
    if (word.starts_with("writers")) return PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
    // glibc ignores this name's promise: readers are preferred all the same.
    if (word == "readers-by-name") return PTHREAD_RWLOCK_PREFER_WRITER_NP;
    return PTHREAD_RWLOCK_PREFER_READER_NP;
}

}  // namespace

int main(int count, char** words) {
    if (count < 4 || count > 5) return 2;
    const std::size_t edges = static_cast<std::size_t>(count) - 2;
    pthread_rwlockattr_t attribute;
    pthread_rwlockattr_init(&attribute);
    pthread_rwlockattr_setkind_np(&attribute, preference(words[1]));
    for (pthread_rwlock_t& lock : locks) pthread_rwlock_init(&lock, &attribute);

    std::vector<std::thread> threads;
    for (std::size_t own = 0; own < edges; ++own)
        threads.emplace_back(edge, static_cast<int>(own), own, (own + 1) % edges, words[own + 2]);
    if (std::string_view(words[1]).ends_with("comes")) threads.emplace_back(writer, static_cast<int>(edges), edges);
    for (std::thread& thread : threads) thread.join();
    return 0;
}
