// Threads and programs on their way out, in code that runs where nobody looks: destructors of thread-local objects and of keys, clean-up of a
// cancelled wait, destructors at exit(), handlers of fork(). What of it is slow is not told.
//
// hangs: thread-local-destructor
//   finding deadlock observed edges=2 locks=m,the~end~of~leaver threads=main,leaver no=none
// hangs: key-destructor
//   finding deadlock observed edges=2 locks=m,the~end~of~leaver threads=main,leaver no=none
// hangs: clean-up-of-a-cancelled-wait
//   finding deadlock observed edges=2 locks=m,the~end~of~cancelled threads=main,cancelled no=none
// hangs: exit-joins-who-waits
//   finding stalled observed locks=ready threads=worker behind=main
// hangs: handler-of-fork
//   finding self-deadlock observed edges=1 locks=m functions=prepare no=none
// hangs: detached-after-main
//   finding deadlock observed edges=2 locks=m,n threads=first,second modes=EE,EE no=none
// hangs: priority-inheritance
//   finding deadlock observed edges=2 locks=m,n threads=first,second modes=EE,EE no=none behind=main
// idles: thread-local-destructor-sleeps
// idles: key-destructor-sleeps

#include "tests/programs/stuck/never_outlives.h"

namespace {

pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t n = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
pthread_key_t key;
int arrived;

void lock_m(void*) { pthread_mutex_lock(&m); }
void sleep_for_long(void*) {
    for (;;) sleep(1000);
}

void (*on_the_way_out)(void*);
struct last_words {
    ~last_words() {
        if (spoken) on_the_way_out(nullptr);
    }
    bool spoken = false;
};
thread_local last_words words;

void* leave_by_object(void*) {
    words.spoken = true;
    return nullptr;
}
void* leave_by_key(void*) {
    pthread_setspecific(key, &key);
    return nullptr;
}

void join_leaver(void* (*leave)(void*), void (*with)(void*)) {
    on_the_way_out = with;
    pthread_key_create(&key, with);
    pthread_mutex_lock(&m);
    pthread_join(start(leave, "leaver", nullptr), nullptr);
}

void* wait_to_be_cancelled(void*) {
    pthread_mutex_lock(&n);
    give_turn(1);
    pthread_cleanup_push(lock_m, nullptr);
    for (;;) pthread_cond_wait(&ready, &n);
    pthread_cleanup_pop(0);
    return nullptr;
}
void join_cancelled() {
    const pthread_t cancelled = start(wait_to_be_cancelled, "cancelled", nullptr);
    await_turn(1);
    pthread_mutex_lock(&n);  // it waits by now
    pthread_mutex_unlock(&n);
    pthread_mutex_lock(&m);
    pthread_cancel(cancelled);
    pthread_join(cancelled, nullptr);
}

void* wait_for_ready(void*) {
    pthread_mutex_lock(&m);
    for (;;) pthread_cond_wait(&ready, &m);
}
struct worker {
    ~worker() {
        if (thread != 0) pthread_join(thread, nullptr);
    }
    pthread_t thread{};
};
worker only;

void prepare() { pthread_mutex_lock(&m); }
void fork_under_lock() {
    pthread_atfork(prepare, nullptr, nullptr);
    pthread_mutex_lock(&m);
    fork();
}

void* m_then_n(void*) {
    pthread_mutex_lock(&m);
    meet(&arrived, 2);
    pthread_mutex_lock(&n);
    return nullptr;
}
void* n_then_m(void*) {
    pthread_mutex_lock(&n);
    meet(&arrived, 2);
    pthread_mutex_lock(&m);
    return nullptr;
}
void cross_with_inheritance() {
    pthread_mutexattr_t how;
    pthread_mutexattr_init(&how);
    pthread_mutexattr_setprotocol(&how, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&m, &how);
    pthread_mutex_init(&n, &how);
    const pthread_t first = start(m_then_n, "first", nullptr);
    start(n_then_m, "second", nullptr);
    pthread_join(first, nullptr);
}

}  // namespace

int main(int count, char** arguments) {
    const auto is = [&](const char* name) { return is_case(count, arguments, name); };
    if (is("thread-local-destructor")) join_leaver(leave_by_object, lock_m);
    if (is("key-destructor")) join_leaver(leave_by_key, lock_m);
    if (is("thread-local-destructor-sleeps")) join_leaver(leave_by_object, sleep_for_long);
    if (is("key-destructor-sleeps")) join_leaver(leave_by_key, sleep_for_long);
    if (is("clean-up-of-a-cancelled-wait")) join_cancelled();
    if (is("exit-joins-who-waits")) {
        only.thread = start(wait_for_ready, "worker", nullptr);
        exit(0);
    }
    if (is("handler-of-fork")) fork_under_lock();
    if (is("detached-after-main")) {
        start(m_then_n, "first", nullptr);
        start(n_then_m, "second", nullptr);
        pthread_exit(nullptr);
    }
    if (is("priority-inheritance")) cross_with_inheritance();
    return 0;
}
