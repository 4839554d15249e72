// Threads that wait for a signal which nobody is left to give: no cycle of locks, and stuck for good all the same.
// Level order does not record who signals what; what is a deadlock at level full is a stall there.
//
// hangs: lost-notification
//   finding deadlock observed edges=2 locks=ready,the~end~of~worker threads=main,worker no=none
//   only full
// hangs: nobody-notifies
//   finding stalled observed locks=ready threads=worker behind=main
// hangs: notifier-ended
//   finding stalled observed locks=ready threads=worker behind=main
// hangs: main-ended
//   finding stalled observed locks=ready threads=worker
// hangs: on-a-small-stack
//   finding stalled observed locks=ready threads=worker
// hangs: three-wait
//   finding stalled observed locks=ready threads=w0,w1,w2 behind=main
// hangs: behind-a-lock
//   finding stalled observed locks=ready threads=worker behind=follower,main holds=worker:door
// hangs: c11-condition
//   finding stalled observed locks=c11_ready threads=worker behind=main
// hangs: barrier-short-of-a-party
//   finding stalled observed locks=meeting threads=w0,w1 behind=main
// hangs: crossed-semaphores
//   finding deadlock observed edges=2 locks=ping,pong threads=first,second no=none behind=main
//   only full
// hangs: semaphore-never-posted
//   finding stalled observed locks=ping threads=main
// hangs: queue-full-and-empty
//   finding deadlock observed edges=2 locks=not_full,not_empty threads=consumer,producer no=none behind=main
//   only full
// hangs: promise-never-kept
//   finding stalled observed locks=? threads=main
// hangs: latch-short-of-a-count
//   finding stalled observed locks=counted threads=main
// hangs: std-barrier-short-of-a-party
//   finding stalled observed threads=w0,w1 functions=come_to_std_meeting behind=main
// hangs: atomic-wait
//   finding stalled observed locks=word threads=main
// hangs: std-semaphore
//   finding stalled observed locks=permits threads=main
// hangs: pool-waits-for-itself
//   finding stalled observed threads=w0,w1 functions=wait_for_inner
//   finding stalled observed threads=main functions=use_pool
// hangs: two-futures
//   finding stalled observed threads=first functions=await_mail behind=main
//   finding stalled observed threads=second functions=await_disk
// hangs: two-conditions
//   finding stalled observed locks=ready threads=first functions=wait_for_ready behind=main
//   finding stalled observed locks=not_full threads=second functions=wait_for_room
// hangs: two-boxes
//   finding stalled observed threads=first,second functions=wait_full behind=main
// hangs: two-boxes-and-a-writer
//   finding stalled observed threads=first,second functions=wait_full behind=follower,main holds=first:hall,second:hall
// hangs: holder-has-ended
//   finding stalled observed locks=m threads=main
// hangs: holder-in-a-process-that-ended
//   finding stalled observed locks=? threads=main
// hangs: holder-in-a-process-killed-meanwhile
//   finding stalled observed locks=? threads=main
// hangs: left-locked-by-fork
//   finding stalled observed locks=m threads=main

#include <semaphore.h>
#include <sys/wait.h>
#include <threads.h>

#include <atomic>
#include <barrier>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <thread>

#include "tests/programs/stuck/never_outlives.h"
#include "tests/programs/stuck/shared_mutex.h"

namespace {

pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;
pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
pthread_barrier_t meeting;
sem_t ping, pong;
mtx_t c11_mutex;
cnd_t c11_ready;
std::latch counted(2);
std::barrier<> std_meeting(3);
std::counting_semaphore<8> permits(0);
std::atomic<int> word{0};

void* wait_for_ready(void*) {
    pthread_mutex_lock(&m);
    for (;;) pthread_cond_wait(&ready, &m);
}

void* wait_under_door(void*) {
    pthread_mutex_lock(&door);
    give_turn(1);
    return wait_for_ready(nullptr);
}

void* take_door(void*) {
    pthread_mutex_lock(&door);
    return nullptr;
}

void* notify(void*) {
    pthread_cond_signal(&ready);
    return nullptr;
}

void* come_to_meeting(void*) {
    pthread_barrier_wait(&meeting);
    return nullptr;
}

void* come_to_std_meeting(void*) {
    std_meeting.arrive_and_wait();
    return nullptr;
}

/// Each waits for the other's post: the first round goes well, in the second both forget it.
void* first_semaphore(void*) {
    sem_post(&pong);
    sem_wait(&ping);
    sem_wait(&ping);
    return nullptr;
}
void* second_semaphore(void*) {
    sem_post(&ping);
    sem_wait(&pong);
    sem_wait(&pong);
    return nullptr;
}

/// A queue of one place. The consumer tells the wrong side that there is room.
int items;
void* produce(void*) {
    pthread_mutex_lock(&m);
    for (;;) {
        while (items == 1) pthread_cond_wait(&not_full, &m);
        items = 1;
        pthread_cond_signal(&not_empty);
    }
}
void* consume(void*) {
    pthread_mutex_lock(&m);
    for (int taken = 0;; ++taken) {
        while (items == 0) pthread_cond_wait(&not_empty, &m);
        if (taken == 0) items = 0;
        pthread_cond_signal(&not_full);
        if (taken == 1)
            for (;;) pthread_cond_wait(&not_empty, &m);
        pthread_cond_wait(&not_empty, &m);
    }
}

/// Two workers, each of which waits for a task that stands in the queue behind it.
class pool {
public:
    std::future<void> submit(std::function<void()> work) {
        auto task = std::make_shared<std::packaged_task<void()>>(std::move(work));
        std::future<void> done = task->get_future();
        const std::lock_guard guard(mutex_);
        tasks_.emplace_back([task] { (*task)(); });
        changed_.notify_one();
        return done;
    }
    void work() {
        for (;;) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return !tasks_.empty(); });
            const std::function<void()> task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
        }
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> tasks_;
};
pool workers;
int both;

void* work(void*) {
    workers.work();
    return nullptr;
}

void wait_for_inner() {
    meet(&both, 2);
    workers.submit([] {}).get();
}

std::promise<int> mail, disk;
void* await_mail(void*) {
    mail.get_future().get();
    return nullptr;
}
void* await_disk(void*) {
    disk.get_future().get();
    return nullptr;
}

void* wait_for_room(void*) {
    pthread_mutex_lock(&door);
    for (;;) pthread_cond_wait(&not_full, &door);
}

/// One place of the program waits for conditions of different objects.
struct box {
    std::mutex mutex;
    std::condition_variable changed;
    bool full = false;
    void wait_full() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return full; });
    }
};
void* wait_in_box(void* at) {
    static_cast<box*>(at)->wait_full();
    return nullptr;
}

void* lock_and_end(void*) {
    pthread_mutex_lock(&m);
    return nullptr;
}

void* lock_and_sleep(void*) {
    pthread_mutex_lock(&m);
    give_turn(1);
    for (;;) pause();
}

void start_two(void* (*function)(void*)) {
    start(function, "w0", nullptr);
    pthread_join(start(function, "w1", nullptr), nullptr);
}

void lose_notification() {
    pthread_cond_signal(&ready);
    pthread_join(start(wait_for_ready, "worker", nullptr), nullptr);
}

void wait_in_c11() {
    mtx_init(&c11_mutex, mtx_plain);
    cnd_init(&c11_ready);
    const auto wait = [](void*) -> void* {
        mtx_lock(&c11_mutex);
        for (;;) cnd_wait(&c11_ready, &c11_mutex);
    };
    pthread_join(start(wait, "worker", nullptr), nullptr);
}

void leave_main() {
    start(wait_for_ready, "worker", nullptr);
    pthread_exit(nullptr);
}

/// Where nobody can unwind: less is left than the recorder leaves to the program.
void wait_on_small_stack() {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN);
    pthread_t made;
    if (pthread_create(&made, &small, wait_for_ready, nullptr) != 0) abort();
    pthread_setname_np(made, "worker");
    pthread_exit(nullptr);
}

void wait_behind_door() {
    const pthread_t worker = start(wait_under_door, "worker", nullptr);
    await_turn(1);
    start(take_door, "follower", nullptr);
    pthread_join(worker, nullptr);
}

void start_both(void* (*one)(void*), void* (*other)(void*), void* of_one = nullptr, void* of_other = nullptr) {
    const pthread_t first = start(one, "first", of_one);
    start(other, "second", of_other);
    pthread_join(first, nullptr);
}

void use_boxes() {
    const auto one = std::make_unique<box>();
    const auto other = std::make_unique<box>();
    start_both(wait_in_box, wait_in_box, one.get(), other.get());
}

pthread_rwlock_t hall = PTHREAD_RWLOCK_INITIALIZER;
int in_hall;
void* wait_in_hall(void* at) {
    pthread_rwlock_rdlock(&hall);
    meet(&in_hall, 3);
    return wait_in_box(at);
}
void* take_hall(void*) {
    meet(&in_hall, 3);
    pthread_rwlock_wrlock(&hall);
    return nullptr;
}

void use_boxes_in_hall() {
    const auto one = std::make_unique<box>();
    const auto other = std::make_unique<box>();
    start(take_hall, "follower", nullptr);
    start_both(wait_in_hall, wait_in_hall, one.get(), other.get());
}

void cross_semaphores() {
    const pthread_t first = start(first_semaphore, "first", nullptr);
    start(second_semaphore, "second", nullptr);
    pthread_join(first, nullptr);
}

void fill_queue() {
    const pthread_t consumer = start(consume, "consumer", nullptr);
    start(produce, "producer", nullptr);
    pthread_join(consumer, nullptr);
}

void use_pool() {
    start(work, "w0", nullptr);
    start(work, "w1", nullptr);
    std::future<void> one = workers.submit(wait_for_inner);
    std::future<void> other = workers.submit(wait_for_inner);
    one.get();
    other.get();
}

/// The mutex is the child's when that ends: before it is asked for, or while it is awaited.
void lock_of_dead(bool meanwhile) {
    pthread_mutex_t* const at_other = make_shared_mutex(PTHREAD_MUTEX_STALLED);
    const pid_t child = start_child();
    if (child == 0) {
        pthread_mutex_lock(at_other);
        say_held(at_other);
        if (meanwhile) usleep(200'000);
        raise(SIGKILL);
    }
    await_held(at_other);
    if (!meanwhile) waitpid(child, nullptr, 0);
    std::thread reaper([] { wait(nullptr); });  // it is no more once somebody has waited for it
    reaper.detach();
    pthread_mutex_lock(at_other);
}

void fork_under_lock() {
    start(lock_and_sleep, "sleeper", nullptr);
    await_turn(1);
    if (start_child() == 0) pthread_mutex_lock(&m);
    wait(nullptr);
}

struct one_case {
    const char* name;
    void (*run)();
};
constexpr one_case cases[] = {
    {"lost-notification", lose_notification},
    {"nobody-notifies", [] { pthread_join(start(wait_for_ready, "worker", nullptr), nullptr); }},
    {"notifier-ended",
     [] {
         pthread_join(start(notify, "notifier", nullptr), nullptr);
         pthread_join(start(wait_for_ready, "worker", nullptr), nullptr);
     }},
    {"main-ended", leave_main},
    {"on-a-small-stack", wait_on_small_stack},
    {"three-wait",
     [] {
         start(wait_for_ready, "w2", nullptr);
         start_two(wait_for_ready);
     }},
    {"behind-a-lock", wait_behind_door},
    {"c11-condition", wait_in_c11},
    {"barrier-short-of-a-party",
     [] {
         pthread_barrier_init(&meeting, nullptr, 3);
         start_two(come_to_meeting);
     }},
    {"crossed-semaphores", cross_semaphores},
    {"semaphore-never-posted", [] { sem_wait(&ping); }},
    {"queue-full-and-empty", fill_queue},
    {"promise-never-kept",
     [] {
         std::promise<int> promise;
         promise.get_future().wait();
     }},
    {"latch-short-of-a-count", [] { counted.arrive_and_wait(); }},
    {"std-barrier-short-of-a-party", [] { start_two(come_to_std_meeting); }},
    {"atomic-wait", [] { word.wait(0); }},
    {"std-semaphore", [] { permits.acquire(); }},
    {"pool-waits-for-itself", use_pool},
    {"two-futures", [] { start_both(await_mail, await_disk); }},
    {"two-conditions", [] { start_both(wait_for_ready, wait_for_room); }},
    {"two-boxes", use_boxes},
    {"two-boxes-and-a-writer", use_boxes_in_hall},
    {"holder-has-ended",
     [] {
         pthread_join(start(lock_and_end, "holder", nullptr), nullptr);
         pthread_mutex_lock(&m);
     }},
    {"holder-in-a-process-that-ended", [] { lock_of_dead(false); }},
    {"holder-in-a-process-killed-meanwhile", [] { lock_of_dead(true); }},
    {"left-locked-by-fork", fork_under_lock},
};

}  // namespace

int main(int count, char** words) {
    sem_init(&ping, 0, 0);
    sem_init(&pong, 0, 0);
    for (const one_case& each : cases)
        if (is_case(count, words, each.name)) each.run();
    return 0;
}
