// Closed circles over more than two locks: joins, once flags, static locals, upgrades, queued writers.
//
// hangs: join-under-lock
//   finding deadlock observed edges=2 locks=a,the~end~of~worker threads=main,worker no=none
// hangs: mutual-joins
//   finding deadlock observed edges=3 locks=the~end~of~first,the~end~of~second,the~end~of~third threads=first,second,third no=none
// hangs: both-upgrade
//   finding deadlock observed edges=2 locks=shared threads=first,second modes=SE,SE no=none behind=main
// hangs: crossed-once
//   finding deadlock observed edges=2 locks=one,two threads=first,second no=none behind=main
// hangs: once-and-mutex
//   finding deadlock observed edges=2 locks=one,a threads=first,second no=none behind=main
// hangs: static-and-mutex
//   finding deadlock observed edges=2 locks=a,guard~variable~for~local::made threads=first,second no=none behind=main
// hangs: crossed-statics
//   finding deadlock observed edges=2 locks=guard~variable~for~first_local::made,guard~variable~for~second_local::made threads=first,second no=none behind=main
// hangs: reader-behind-queued-writer
//   finding deadlock observed edges=2 locks=fair,a threads=first,second,writer no=none behind=main
// hangs: std-mutexes
//   finding deadlock observed edges=2 locks=x,y threads=first,second modes=EE,EE no=none behind=main
// hangs: std-shared
//   finding deadlock observed edges=2 locks=p,q threads=first,second no=none behind=main
// hangs: philosophers-5
//   finding deadlock observed edges=5 locks=forks[0..4] threads=p0..4 no=none behind=main
// hangs: philosophers-100
//   finding deadlock observed edges=100 locks=forks[0..99] threads=p0..99 no=none behind=main
// hangs: c11-threads
//   finding deadlock observed edges=2 locks=plain_a,plain_b threads=first,second modes=EE,EE no=none behind=main

#include <threads.h>

#include <mutex>
#include <shared_mutex>
#include <thread>

#include "tests/programs/stuck/never_outlives.h"

namespace {

pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
pthread_rwlock_t fair = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
pthread_once_t one = PTHREAD_ONCE_INIT;
pthread_once_t two = PTHREAD_ONCE_INIT;
std::mutex x, y;
std::shared_mutex p, q;
pthread_mutex_t forks[100];
mtx_t plain_a, plain_b;
pthread_t threads[3];
int arrived;
int started;

void wait_for_both() { meet(&arrived, 2); }

/// What two threads do, and their names.
void run(void* (*first)(void*), void* (*second)(void*)) {
    threads[0] = start(first, "first", nullptr);
    threads[1] = start(second, "second", nullptr);
    __atomic_store_n(&started, 1, __ATOMIC_RELEASE);
    pthread_join(threads[0], nullptr);
}

/// glibc refuses a join back, of two; three in a ring it does not see.
void* join_next(void* argument) {
    while (__atomic_load_n(&started, __ATOMIC_ACQUIRE) == 0) sched_yield();
    pthread_join(threads[(reinterpret_cast<long>(argument) + 1) % 3], nullptr);
    return nullptr;
}

void* upgrade(void*) {
    pthread_rwlock_rdlock(&shared);
    wait_for_both();
    pthread_rwlock_wrlock(&shared);
    return nullptr;
}

void do_nothing() {}
void initialise_one() {
    wait_for_both();
    pthread_once(&two, do_nothing);
}
void initialise_two() {
    wait_for_both();
    pthread_once(&one, do_nothing);
}
void initialise_under_lock() {
    wait_for_both();
    pthread_mutex_lock(&a);
}

struct needs_mutex {
    needs_mutex() {
        wait_for_both();
        pthread_mutex_lock(&a);
    }
};
needs_mutex& local() {
    static needs_mutex made;
    return made;
}

struct needs_other {
    explicit needs_other(bool first);
};
needs_other& first_local() {
    static needs_other made(true);
    return made;
}
needs_other& second_local() {
    static needs_other made(false);
    return made;
}
needs_other::needs_other(bool first) {
    wait_for_both();
    if (first)
        second_local();
    else
        first_local();
}

void* take_mutex_then_once(void*) {
    pthread_mutex_lock(&a);
    wait_for_both();
    pthread_once(&one, do_nothing);
    return nullptr;
}
void* take_mutex_then_static(void*) {
    pthread_mutex_lock(&a);
    wait_for_both();
    local();
    return nullptr;
}

void* hold_read_then_mutex(void*) {
    pthread_rwlock_rdlock(&fair);
    await_turn(1);  // the other holds a
    give_turn(2);
    pthread_mutex_lock(&a);
    return nullptr;
}
void* write(void*) {
    await_turn(2);
    give_turn(3);
    pthread_rwlock_wrlock(&fair);
    return nullptr;
}
/// Whether a writer is queued: then a try for a shared hold fails.
void await_writer() {
    for (;;) {
        if (pthread_rwlock_tryrdlock(&fair) != 0) return;
        pthread_rwlock_unlock(&fair);
        sched_yield();
    }
}
void* hold_mutex_then_read(void*) {
    pthread_mutex_lock(&a);
    give_turn(1);
    await_turn(3);
    await_writer();
    pthread_rwlock_rdlock(&fair);
    return nullptr;
}

template <typename Mutex>
void* lock_both(Mutex& from, Mutex& to) {
    from.lock();
    wait_for_both();
    to.lock();
    return nullptr;
}

int seats;
void* dine(void* argument) {
    const auto seat = static_cast<int>(reinterpret_cast<long>(argument));
    pthread_mutex_lock(&forks[seat]);
    meet(&arrived, seats);
    pthread_mutex_lock(&forks[(seat + 1) % seats]);
    return nullptr;
}

void lay_table(int count) {
    seats = count;
    for (pthread_mutex_t& fork : forks) pthread_mutex_init(&fork, nullptr);
    pthread_t last{};
    for (int seat = 0; seat < count; ++seat) {
        char name[16];
        snprintf(name, sizeof name, "p%d", seat);
        last = start(dine, name, reinterpret_cast<void*>(static_cast<long>(seat)));
    }
    pthread_join(last, nullptr);
}

int c11_first(void*) {
    mtx_lock(&plain_a);
    wait_for_both();
    mtx_lock(&plain_b);
    return 0;
}
int c11_second(void*) {
    mtx_lock(&plain_b);
    wait_for_both();
    mtx_lock(&plain_a);
    return 0;
}

void* worker_needs_a(void*) {
    pthread_mutex_lock(&a);
    return nullptr;
}

}  // namespace

int main(int count, char** words) {
    const auto is = [&](const char* name) { return is_case(count, words, name); };
    if (is("join-under-lock")) {
        pthread_mutex_lock(&a);
        pthread_join(start(worker_needs_a, "worker", nullptr), nullptr);
    } else if (is("mutual-joins")) {
        const char* const names[] = {"first", "second", "third"};
        for (long i = 0; i < 3; ++i) threads[i] = start(join_next, names[i], reinterpret_cast<void*>(i));
        __atomic_store_n(&started, 1, __ATOMIC_RELEASE);
        pause();
    } else if (is("both-upgrade")) {
        run(upgrade, upgrade);
    } else if (is("crossed-once")) {
        run([](void*) -> void* { return pthread_once(&one, initialise_one), nullptr; },
            [](void*) -> void* { return pthread_once(&two, initialise_two), nullptr; });
    } else if (is("once-and-mutex")) {
        run([](void*) -> void* { return pthread_once(&one, initialise_under_lock), nullptr; }, take_mutex_then_once);
    } else if (is("static-and-mutex")) {
        run([](void*) -> void* { return local(), nullptr; }, take_mutex_then_static);
    } else if (is("crossed-statics")) {
        run([](void*) -> void* { return first_local(), nullptr; },
            [](void*) -> void* { return second_local(), nullptr; });
    } else if (is("reader-behind-queued-writer")) {
        start(write, "writer", nullptr);
        run(hold_read_then_mutex, hold_mutex_then_read);
    } else if (is("std-mutexes")) {
        run([](void*) { return lock_both(x, y); }, [](void*) { return lock_both(y, x); });
    } else if (is("std-shared")) {
        run([](void*) { return lock_both(p, q); }, [](void*) { return lock_both(q, p); });
    } else if (is("philosophers-5")) {
        lay_table(5);
    } else if (is("philosophers-100")) {
        lay_table(100);
    } else if (is("c11-threads")) {
        mtx_init(&plain_a, mtx_plain);
        mtx_init(&plain_b, mtx_plain);
        thrd_t first{}, second{};
        thrd_create(&first, c11_first, nullptr);
        pthread_setname_np(first, "first");
        thrd_create(&second, c11_second, nullptr);
        pthread_setname_np(second, "second");
        thrd_join(first, nullptr);
    }
    return 0;
}
