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
#include <unistd.h>

#include <string_view>

namespace {

pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
bool agreed;
int ends[2];

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
    // Sleeps in the meantime; a pipe is nothing that orders.
    char go = 0;
    if (read(ends[0], &go, 1) != 1) return nullptr;
    agreed ? nest(&a, &b) : nest(&b, &a);
    return nullptr;
}

}  // namespace

int main(int count, char** words) {
    agreed = count == 2 && std::string_view(words[1]) == "agreed";
    if (pipe(ends) != 0) return 3;
    pthread_t old;
    pthread_create(&old, nullptr, long_lived, nullptr);
    for (int i = 0; i < 10000; ++i) {
        pthread_t young;
        if (pthread_create(&young, nullptr, short_lived, nullptr) != 0) return 3;
        pthread_join(young, nullptr);
    }
    if (write(ends[1], "g", 1) != 1) return 3;
    pthread_join(old, nullptr);
    return 0;
}
