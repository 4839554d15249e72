// A reader asks again for what it holds. Where a waiting writer goes first the request waits for the writer and the writer for the
// reader: a thread that waits for what only it can release. Not where readers are preferred, nor where no writer can come in between.
//
// expect: writers-first
//   acquisitions 3
//   dependencies 1
//   finding self-deadlock potential edges=1 locks=lock modes=SS functions=read_again no=none
// expect: writers-first timed
//   acquisitions 3
//   dependencies 1
//   finding self-deadlock escapable edges=1 locks=lock modes=SS timed=1 no=no_preemption
// expect: writers-first timed-writer
//   acquisitions 3
//   dependencies 1
//   finding self-deadlock escapable edges=1 locks=lock modes=SS no=no_preemption
// expect: writers-first both-writers
//   acquisitions 4
//   dependencies 1
//   finding self-deadlock potential edges=1 locks=lock modes=SS no=none
// expect: writers-first tried
//   acquisitions 3
//   dependencies 1
//   clean
// expect: writers-first nobody-writes
//   acquisitions 2
//   dependencies 1
//   clean
// expect: writers-first written-before
//   acquisitions 3
//   dependencies 1
//   clean
// expect: readers-first
//   acquisitions 3
//   dependencies 0
//   clean

#include <pthread.h>
#include <time.h>

#include <string_view>
#include <thread>

#include "tests/programs/hand_over.h"

namespace {

pthread_rwlock_t lock;

void read_again(std::string_view how) {
    const timespec long_ago{};
    if (how == "timed") {
        pthread_rwlock_timedrdlock(&lock, &long_ago);
    } else if (how == "tried") {
        pthread_rwlock_tryrdlock(&lock);
    } else {
        pthread_rwlock_rdlock(&lock);
    }
    pthread_rwlock_unlock(&lock);
}

void reads(std::string_view how) {
    await_turn(0);
    pthread_rwlock_rdlock(&lock);
    read_again(how);
    pthread_rwlock_unlock(&lock);
    give_turn(1);
}

void writes(std::string_view how) {
    const timespec long_ago{};
    await_turn(1);
    if (how == "timed-writer" || how == "both-writers") {
        pthread_rwlock_timedwrlock(&lock, &long_ago);
        pthread_rwlock_unlock(&lock);
        if (how == "timed-writer") return;
    }
    pthread_rwlock_wrlock(&lock);
    pthread_rwlock_unlock(&lock);
}

}  // namespace

int main(int count, char** words) {
    if (count < 2) return 2;
    const std::string_view how = count > 2 ? words[2] : "";
    pthread_rwlockattr_t attribute;
    pthread_rwlockattr_init(&attribute);
    if (std::string_view(words[1]) == "writers-first")
        pthread_rwlockattr_setkind_np(&attribute, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&lock, &attribute);

    if (how == "written-before") {
        pthread_rwlock_wrlock(&lock);
        pthread_rwlock_unlock(&lock);
    }
    std::thread reader(reads, how);
    if (how != "nobody-writes" && how != "written-before") std::thread(writes, how).join();
    reader.join();
    return 0;
}
