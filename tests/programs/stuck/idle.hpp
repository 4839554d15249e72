// What programs that stand still have in common: something to wait for, and threads that sleep, wait or compute for good.
#pragma once

#include <cstddef>

#include "tests/programs/stuck/never_outlives.h"

inline pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
inline pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
inline volatile double sum;

inline void sleep_for_long() {
    for (;;) sleep(1000);
}
inline void* sleeper(void*) {
    sleep_for_long();
    return nullptr;
}
inline void* wait_for_ready(void*) {
    pthread_mutex_lock(&a);
    for (;;) pthread_cond_wait(&ready, &a);
}
inline void compute() {
    for (;;) sum = sum * 0.5 + 1;
}
template <void (*Function)()>
void* as_thread(void*) {
    Function();
    return nullptr;
}
template <void (*Function)()>
pthread_t start_thread(const char* name) {
    return start(as_thread<Function>, name, nullptr);
}

struct one_case {
    const char* name;
    void (*run)();
};
/// Does the case that the command names.
template <std::size_t Count>
int run_case(int count, char** words, const one_case (&cases)[Count]) {
    for (const one_case& each : cases)
        if (is_case(count, words, each.name)) each.run();
    return 0;
}
