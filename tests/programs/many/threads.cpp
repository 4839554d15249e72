// Ten thousand threads, one after the other, each with its moment at the locks; beside them one that lives all along.
//
// expect: agreed
//   acquisitions 20002
//   dependencies 10001
//   threads 10002
//   clean
// expect: inverted
//   acquisitions 20002
//   dependencies 10001
//   threads 10002
//   finding lock-order-cycle potential edges=2 locks=a,b

#include <pthread.h>

#include <string_view>

#include "tests/programs/hand_over.h"

namespace {

pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
bool agreed;

void nest(pthread_mutex_t* first, pthread_mutex_t* second) {
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

void* short_lived(void*) {
    nest(&a, &b);
    return nullptr;
}

void* long_lived(void*) {
    await_turn(1);
    agreed ? nest(&a, &b) : nest(&b, &a);
    return nullptr;
}

}  // namespace

int main(int count, char** words) {
    agreed = count == 2 && std::string_view(words[1]) == "agreed";
    pthread_t old;
    pthread_create(&old, nullptr, long_lived, nullptr);
    for (int i = 0; i < 10000; ++i) {
        pthread_t young;
        if (pthread_create(&young, nullptr, short_lived, nullptr) != 0) return 3;
        pthread_join(young, nullptr);
    }
    give_turn(1);
    pthread_join(old, nullptr);
    return 0;
}
