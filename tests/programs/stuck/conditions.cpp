// Threads in a condition wait whose mutex another has: however the wait ends, they go on only once they have that again. With it the others are
// stuck at once, or they are not at all.
//
// hangs: notified-under-another-lock
//   finding deadlock observed edges=2 locks=outer,m threads=waiter,other functions=wait_under_outer,notify_then_outer modes=EE,EE no=none behind=main
// hangs: not-notified-under-another-lock
//   finding deadlock observed edges=2 locks=outer,m threads=waiter,other no=none behind=main
// hangs: timed-wait-under-another-lock
//   finding deadlock observed edges=2 locks=outer,m threads=waiter,other no=none behind=main
// hangs: c11-wait-under-another-lock
//   finding deadlock observed edges=2 locks=outer,c11_mutex threads=waiter,other no=none behind=main
// hangs: std-wait-under-another-lock
//   finding deadlock observed edges=2 locks=outer,std_mutex threads=waiter,other no=none behind=main
// hangs: joined-by-the-holder
//   finding deadlock observed edges=2 locks=m,the~end~of~waiter threads=main,waiter no=none
// hangs: holder-waits-in-vain
//   finding stalled observed locks=posted threads=other behind=main,waiter holds=other:m
// hangs: holder-has-ended
//   finding stalled observed locks=m,ready threads=waiter behind=main
// idles: holder-sleeps
// idles: holder-gives-up
// idles: holder-waits-for-a-sleeper
// idles: timed-waits-and-a-holder-that-comes-and-goes

#include <semaphore.h>
#include <threads.h>
#include <time.h>

#include <condition_variable>
#include <mutex>

#include "tests/programs/stuck/never_outlives.h"

namespace {

pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t n = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
mtx_t c11_mutex;
cnd_t c11_ready;
std::mutex std_mutex;
std::condition_variable std_ready;
sem_t posted;

timespec in_seconds(long seconds) {
    timespec made{};
    clock_gettime(CLOCK_REALTIME, &made);
    made.tv_sec += seconds;
    return made;
}

void sleep_for_long() {
    for (;;) sleep(1000);
}

/// Each of these waits with its mutex: who acquires that once it is the other's turn, does so while they wait.
void* wait_under_outer(void*) {
    pthread_mutex_lock(&outer);
    pthread_mutex_lock(&m);
    give_turn(1);
    for (;;) pthread_cond_wait(&ready, &m);
}
void* wait_for_an_hour_under_outer(void*) {
    pthread_mutex_lock(&outer);
    pthread_mutex_lock(&m);
    give_turn(1);
    const timespec until = in_seconds(3600);
    for (;;) pthread_cond_timedwait(&ready, &m, &until);
}
void* wait_alone(void*) {
    pthread_mutex_lock(&m);
    give_turn(1);
    for (;;) pthread_cond_wait(&ready, &m);
}
void* wait_c11(void*) {
    pthread_mutex_lock(&outer);
    mtx_lock(&c11_mutex);
    give_turn(1);
    for (;;) cnd_wait(&c11_ready, &c11_mutex);
}
void* wait_std(void*) {
    pthread_mutex_lock(&outer);
    std::unique_lock lock(std_mutex);
    give_turn(1);
    for (;;) std_ready.wait(lock);
}

void* notify_then_outer(void*) {
    await_turn(1);
    pthread_mutex_lock(&m);
    pthread_cond_signal(&ready);
    pthread_mutex_lock(&outer);
    return nullptr;
}
void* only_outer(void*) {
    await_turn(1);
    pthread_mutex_lock(&m);
    pthread_mutex_lock(&outer);
    return nullptr;
}
void* notify_c11(void*) {
    await_turn(1);
    mtx_lock(&c11_mutex);
    cnd_broadcast(&c11_ready);
    pthread_mutex_lock(&outer);
    return nullptr;
}
void* notify_std(void*) {
    await_turn(1);
    const std::lock_guard lock(std_mutex);
    std_ready.notify_all();
    pthread_mutex_lock(&outer);
    return nullptr;
}
void* wait_in_vain(void*) {
    await_turn(1);
    pthread_mutex_lock(&m);
    pthread_cond_signal(&ready);
    sem_wait(&posted);
    return nullptr;
}
void* leave_locked(void*) {
    await_turn(1);
    pthread_mutex_lock(&m);
    pthread_cond_signal(&ready);
    return nullptr;
}

void* hold_and_sleep(void*) {
    await_turn(1);
    pthread_mutex_lock(&m);
    pthread_cond_signal(&ready);
    sleep_for_long();
    return nullptr;
}
void* hold_and_give_up(void*) {
    await_turn(1);
    for (;;) {
        pthread_mutex_lock(&m);
        pthread_cond_signal(&ready);
        const timespec until = in_seconds(2);
        pthread_mutex_timedlock(&outer, &until);
        pthread_mutex_unlock(&m);
    }
}
void* sleeper_with_n(void*) {
    pthread_mutex_lock(&n);
    give_turn(2);
    sleep_for_long();
    return nullptr;
}
void* hold_and_want_n(void*) {
    await_turn(1);
    start(sleeper_with_n, "sleeper", nullptr);
    await_turn(2);
    pthread_mutex_lock(&m);
    pthread_cond_signal(&ready);
    pthread_mutex_lock(&n);
    return nullptr;
}
void* hold_now_and_then(void*) {
    await_turn(1);
    for (;;) {
        pthread_mutex_lock(&m);
        usleep(200'000);
        pthread_mutex_unlock(&m);
        usleep(1'000);
    }
}

void run(void* (*waiter)(void*), void* (*other)(void*)) {
    const pthread_t first = start(waiter, "waiter", nullptr);
    start(other, "other", nullptr);
    pthread_join(first, nullptr);
}

}  // namespace

int main(int count, char** words) {
    const auto is = [&](const char* name) { return is_case(count, words, name); };
    mtx_init(&c11_mutex, mtx_plain);
    cnd_init(&c11_ready);
    sem_init(&posted, 0, 0);
    if (is("notified-under-another-lock")) run(wait_under_outer, notify_then_outer);
    if (is("not-notified-under-another-lock")) run(wait_under_outer, only_outer);
    if (is("timed-wait-under-another-lock")) run(wait_for_an_hour_under_outer, only_outer);
    if (is("c11-wait-under-another-lock")) run(wait_c11, notify_c11);
    if (is("std-wait-under-another-lock")) run(wait_std, notify_std);
    if (is("joined-by-the-holder")) {
        const pthread_t waiter = start(wait_alone, "waiter", nullptr);
        await_turn(1);
        pthread_mutex_lock(&m);
        pthread_cond_signal(&ready);
        pthread_join(waiter, nullptr);
    }
    if (is("holder-waits-in-vain")) run(wait_alone, wait_in_vain);
    if (is("holder-has-ended")) run(wait_alone, leave_locked);
    if (is("holder-sleeps")) run(wait_under_outer, hold_and_sleep);
    if (is("holder-gives-up")) run(wait_under_outer, hold_and_give_up);
    if (is("holder-waits-for-a-sleeper")) run(wait_alone, hold_and_want_n);
    if (is("timed-waits-and-a-holder-that-comes-and-goes")) run(wait_for_an_hour_under_outer, hold_now_and_then);
    return 0;
}
