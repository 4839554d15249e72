// The first exception that a thread throws passes a once flag of the unwinder, which the other's first exception has initialised or will find
// done. It orders nothing of what they did before.
//
// expect:
//   acquisitions 4
//   dependencies at-least 2
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: agreed
//   acquisitions 4
//   dependencies at-least 2
//   clean

#include <pthread.h>

#include "tests/programs/hand_over.h"

namespace {

pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
bool agreed = false;

void nest(pthread_mutex_t& first, pthread_mutex_t& second) {
    pthread_mutex_lock(&first);
    pthread_mutex_lock(&second);
    pthread_mutex_unlock(&second);
    pthread_mutex_unlock(&first);
}

void fail() {
    try {
        throw 1;
    } catch (int) {
    }
}

void* one(void*) {
    await_turn(0);
    nest(a, b);
    fail();
    give_turn(1);
    return nullptr;
}

void* other(void*) {
    await_turn(1);
    fail();
    if (agreed)
        nest(a, b);
    else
        nest(b, a);
    return nullptr;
}

}  // namespace

int main(int count, char**) {
    agreed = count > 1;
    pthread_t threads[2];
    pthread_create(&threads[0], nullptr, one, nullptr);
    pthread_create(&threads[1], nullptr, other, nullptr);
    for (pthread_t& thread : threads) pthread_join(thread, nullptr);
    return 0;
}
