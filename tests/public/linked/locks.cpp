#include "tests/public/linked/locks.hpp"

#include <pthread.h>
#include <semaphore.h>

#include <array>
#include <initializer_list>
#include <mutex>
#include <thread>

namespace {

std::mutex a;
std::mutex b;
std::mutex c;
std::mutex gate;

/// No event that orders: one thread after the other here, but not by anything that would keep them so.
class turn {
public:
    turn() { sem_init(&posted_, 0, 0); }
    ~turn() { sem_destroy(&posted_); }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    void wait() { sem_wait(&posted_); }
    void pass() { sem_post(&posted_); }

private:
    sem_t posted_;
};

void nest(std::mutex& outer, std::mutex& inner) {
    const std::lock_guard hold(outer);
    const std::lock_guard hold_too(inner);
}

template <typename First, typename Second>
void one_after_the_other(First first, Second second) {
    turn of_second;
    std::thread late([&] {
        pthread_setname_np(pthread_self(), "late");
        of_second.wait();
        second();
    });
    std::thread early([&] {
        pthread_setname_np(pthread_self(), "early");
        first();
        of_second.pass();
    });
    early.join();
    late.join();
}

}  // namespace

void nest_many() {
    static std::array<std::mutex, 730> many;  // 266,085 pairs
    for (std::size_t i = 0; i < many.size(); ++i)
        for (std::size_t j = i + 1; j < many.size(); ++j) nest(many[i], many[j]);
}

void invert() {
    one_after_the_other([] { nest(a, b); }, [] { nest(b, a); });
}

void agree() {
    one_after_the_other([] { nest(a, b); }, [] { nest(a, b); });
}

void invert_under_gate() {
    const auto gated = [](std::mutex& outer, std::mutex& inner) {
        const std::lock_guard hold(gate);
        nest(outer, inner);
    };
    one_after_the_other([&] { gated(a, b); }, [&] { gated(b, a); });
}

void invert_in_turn() {
    std::thread([] { nest(a, b); }).join();
    std::thread([] { nest(b, a); }).join();
}

void invert_by_trying() {
    one_after_the_other([] { nest(a, b); },
                        [] {
                            const std::lock_guard hold(b);
                            const std::unique_lock hold_too(a, std::try_to_lock);
                        });
}

void invert_across_join() {
    turn of_main;
    turn of_second;
    std::thread first([&] {
        nest(a, b);
        of_main.pass();
    });
    of_main.wait();
    std::thread second([&] {
        of_second.wait();
        nest(b, a);
    });
    first.join();
    of_second.pass();
    second.join();
}

void invert_shared() {
    static pthread_rwlock_t locks[2] = {PTHREAD_RWLOCK_INITIALIZER, PTHREAD_RWLOCK_INITIALIZER};
    const auto read = [](pthread_rwlock_t& outer, pthread_rwlock_t& inner) {
        pthread_rwlock_rdlock(&outer);
        pthread_rwlock_rdlock(&inner);
        pthread_rwlock_unlock(&inner);
        pthread_rwlock_unlock(&outer);
    };
    one_after_the_other([&] { read(locks[0], locks[1]); }, [&] { read(locks[1], locks[0]); });
}

void ring() {
    turn of_second;
    turn of_third;
    std::thread third([&] {
        of_third.wait();
        nest(c, a);
    });
    std::thread second([&] {
        of_second.wait();
        nest(b, c);
        of_third.pass();
    });
    std::thread first([&] {
        nest(a, b);
        of_second.pass();
    });
    for (std::thread* each : {&first, &second, &third}) each->join();
}
