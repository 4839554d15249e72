// The real thing: a reader asks again for what it shares, behind a writer that waits for the reader. The main thread ends the
// process once both have come to rest. Where readers are preferred, the reader passes the writer and all ends well.
//
// expect: writers-first
//   acquisitions 1
//   dependencies 1
//   finding self-deadlock observed edges=1 locks=lock modes=SS threads=reader,writer functions=reads no=none
// expect: readers-first
//   acquisitions 3
//   dependencies 0
//   clean

#include <string_view>
#include <thread>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

namespace {

pthread_rwlock_t lock;
int asks_again;
int waits_to_write;

void reads() {
    pthread_setname_np(pthread_self(), "reader");
    pthread_rwlock_rdlock(&lock);
    give_turn(1);
    await_turn(2);
    say_thread(&asks_again);
    pthread_rwlock_rdlock(&lock);
    pthread_rwlock_unlock(&lock);
    pthread_rwlock_unlock(&lock);
}

void writes() {
    pthread_setname_np(pthread_self(), "writer");
    await_turn(1);
    say_thread(&waits_to_write);
    pthread_rwlock_wrlock(&lock);
    pthread_rwlock_unlock(&lock);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const bool hangs = std::string_view(words[1]) == "writers-first";
    pthread_rwlockattr_t attribute;
    pthread_rwlockattr_init(&attribute);
    if (hangs) pthread_rwlockattr_setkind_np(&attribute, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&lock, &attribute);
    std::thread reader(reads);
    std::thread writer(writes);
    await_blocked(&waits_to_write);
    give_turn(2);
    if (hangs) {
        await_blocked(&asks_again);
        _exit(0);
    }
    reader.join();
    writer.join();
    return 0;
}
