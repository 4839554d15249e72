// Programs that stand still, or nearly so, and are well: each of their threads waits for another that is busy, asleep, or gives up. None is
// ever told of.
//
// idles: sleep-with-lock-held
// idles: sleep-in-critical-section-of-readers
// idles: sleeping-initialiser
// idles: sleeping-static
// idles: join-of-a-sleeper
// idles: barrier-with-a-sleeper
// idles: future-of-a-sleeper
// idles: latch-of-a-sleeper
// idles: condition-of-a-sleeper
// idles: semaphore-of-a-sleeper
// idles: waits-with-time-out
// idles: timed-locks-that-cross
// idles: hold-ended-by-another
// idles: long-computation
// idles: long-computation-with-waiters
// idles: spinning
// idles: contended
// idles: one-order
// idles: philosophers-in-order
// idles: ping-pong
// idles: detached-sleeper

#include <semaphore.h>
#include <time.h>

#include <atomic>
#include <future>
#include <latch>

#include "tests/programs/blocked.h"
#include "tests/programs/stuck/idle.hpp"

namespace {

pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
pthread_barrier_t meeting;
pthread_once_t flag = PTHREAD_ONCE_INIT;
sem_t posted;
std::latch counted(1);

void hold_and_sleep() {
    pthread_mutex_lock(&a);
    give_turn(1);
    sleep_for_long();
}
void with_lock_held() {
    start_thread<hold_and_sleep>("holder");
    await_turn(1);
    pthread_mutex_lock(&a);
}
void read_and_sleep() {
    pthread_rwlock_rdlock(&shared);
    give_turn(1);
    sleep_for_long();
}
void among_readers() {
    start_thread<read_and_sleep>("reader");
    await_turn(1);
    pthread_rwlock_wrlock(&shared);
}
void initialise() {
    give_turn(1);
    sleep_for_long();
}
void initialise_once() { pthread_once(&flag, initialise); }
void with_initialiser() {
    start_thread<initialise_once>("first");
    await_turn(1);
    initialise_once();
}
struct slow {
    slow() { initialise(); }
};
void make_static() {
    static slow made;
    (void)made;
}
void with_static() {
    start_thread<make_static>("first");
    await_turn(1);
    make_static();
}
void join_sleeper() { pthread_join(start(sleeper, "sleeper", nullptr), nullptr); }
void sleep_then_meet() {
    sleep_for_long();
    pthread_barrier_wait(&meeting);
}
void meet_sleeper() {
    pthread_barrier_init(&meeting, nullptr, 2);
    start_thread<sleep_then_meet>("sleeper");
    pthread_barrier_wait(&meeting);
}
void sleep_then_count() {
    sleep_for_long();
    counted.count_down();
}
void count_sleeper() {
    start_thread<sleep_then_count>("sleeper");
    counted.wait();
}
void post_late() {
    sleep_for_long();
    sem_post(&posted);
}
void await_post() {
    start_thread<post_late>("sleeper");
    sem_wait(&posted);
}
void with_condition() {
    start(sleeper, "sleeper", nullptr);
    wait_for_ready(nullptr);
}
timespec in_nanoseconds(long count) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_nsec += count;
    now.tv_sec += now.tv_nsec / 1'000'000'000;
    now.tv_nsec %= 1'000'000'000;
    return now;
}
void with_time_out() {
    pthread_mutex_lock(&a);
    for (;;) {
        const timespec until = in_nanoseconds(50'000'000);
        pthread_cond_timedwait(&ready, &a, &until);
    }
}
int crossed;
void* cross(void* argument) {
    pthread_mutex_t& mine = argument == nullptr ? a : b;
    pthread_mutex_t& yours = argument == nullptr ? b : a;
    pthread_mutex_lock(&mine);
    meet(&crossed, 2);
    timespec until = in_nanoseconds(0);
    until.tv_sec += 1000;
    pthread_mutex_timedlock(&yours, &until);
    return nullptr;
}
void cross_timed() {
    start(cross, "first", nullptr);
    pthread_join(start(cross, "second", &crossed), nullptr);
}
/// Its holder is asked for `b` while another thread unlocks `a` for it and locks it: no cycle, though the holder has not taken a step since.
int waiting_holder;
void hold_then_wait() {
    pthread_mutex_lock(&a);
    give_turn(2);
    say_thread(&waiting_holder);
    pthread_mutex_lock(&b);
}
void hold_then_want() {
    pthread_mutex_lock(&b);
    give_turn(1);
    await_turn(3);
    pthread_mutex_lock(&a);
}
void end_hold() {
    start_thread<hold_then_want>("wants_a");
    await_turn(1);
    start_thread<hold_then_wait>("wants_b");
    await_turn(2);
    await_blocked(&waiting_holder);
    pthread_mutex_unlock(&a);
    pthread_mutex_lock(&a);
    give_turn(3);
    sleep_for_long();
}
void compute_with_lock() {
    pthread_mutex_lock(&a);
    give_turn(1);
    compute();
}
void computing_with_waiters() {
    start_thread<compute_with_lock>("computer");
    await_turn(1);
    pthread_mutex_lock(&a);
}
std::atomic<bool> never{false};
void spin() {
    start(sleeper, "sleeper", nullptr);
    while (!never) sched_yield();
}
template <pthread_mutex_t& First, pthread_mutex_t& Second>
void lock_often() {
    for (;;) {
        pthread_mutex_lock(&First);
        pthread_mutex_lock(&Second);
        sum = sum + 1;
        pthread_mutex_unlock(&Second);
        pthread_mutex_unlock(&First);
        usleep(200);
    }
}
void contend() {
    for (;;) {
        pthread_mutex_lock(&a);
        sum = sum + 1;
        pthread_mutex_unlock(&a);
        usleep(100);
    }
}
void contend_all() {
    for (int i = 0; i < 4; ++i) start_thread<contend>("contender");
    contend();
}
void in_one_order() {
    start_thread<lock_often<a, b>>("other");
    lock_often<a, b>();
}
pthread_mutex_t forks[5];
void* dine(void* argument) {
    const auto seat = static_cast<int>(reinterpret_cast<long>(argument));
    pthread_mutex_t& low = forks[seat == 4 ? 0 : seat];
    pthread_mutex_t& high = forks[seat == 4 ? 4 : seat + 1];
    for (;;) {
        pthread_mutex_lock(&low);
        pthread_mutex_lock(&high);
        usleep(1000);
        pthread_mutex_unlock(&high);
        pthread_mutex_unlock(&low);
    }
}
void dine_in_order() {
    for (pthread_mutex_t& fork : forks) pthread_mutex_init(&fork, nullptr);
    pthread_t last{};
    for (long seat = 0; seat < 5; ++seat) last = start(dine, "philosopher", reinterpret_cast<void*>(seat));
    pthread_join(last, nullptr);
}
sem_t ping, pong;
void answer() {
    for (;;) {
        sem_wait(&ping);
        usleep(1000);
        sem_post(&pong);
    }
}
void play() {
    sem_init(&ping, 0, 0);
    sem_init(&pong, 0, 0);
    start_thread<answer>("other");
    for (;;) {
        sem_post(&ping);
        sem_wait(&pong);
    }
}
void with_detached() {
    pthread_detach(start(sleeper, "sleeper", nullptr));
    wait_for_ready(nullptr);
}

constexpr one_case cases[] = {
    {"sleep-with-lock-held", with_lock_held},
    {"sleep-in-critical-section-of-readers", among_readers},
    {"sleeping-initialiser", with_initialiser},
    {"sleeping-static", with_static},
    {"join-of-a-sleeper", join_sleeper},
    {"barrier-with-a-sleeper", meet_sleeper},
    {"future-of-a-sleeper", [] { std::async(std::launch::async, sleep_for_long).get(); }},
    {"latch-of-a-sleeper", count_sleeper},
    {"condition-of-a-sleeper", with_condition},
    {"semaphore-of-a-sleeper", await_post},
    {"waits-with-time-out", with_time_out},
    {"timed-locks-that-cross", cross_timed},
    {"hold-ended-by-another", end_hold},
    {"long-computation", compute},
    {"long-computation-with-waiters", computing_with_waiters},
    {"spinning", spin},
    {"contended", contend_all},
    {"one-order", in_one_order},
    {"philosophers-in-order", dine_in_order},
    {"ping-pong", play},
    {"detached-sleeper", with_detached},
};

}  // namespace

int main(int count, char** words) {
    sem_init(&posted, 0, 0);
    return run_case(count, words, cases);
}
