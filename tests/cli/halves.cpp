// Halves of inversions, one a call: what one process does alone is in order. `halves WORD...` does what each word says.
#include <pthread.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <thread>

namespace {

std::mutex a;
std::mutex b;
std::mutex c;
std::mutex gate;
std::timed_mutex patient;
std::shared_mutex readers;
std::shared_mutex others;

struct account {
    std::mutex m;
};
account accounts[2];

/// Has a lock of the heap, and a name like that of one. What is done under the lock is done inside.
class clock {
public:
    clock() { pthread_mutex_init(&m_, nullptr); }
    ~clock() { pthread_mutex_destroy(&m_); }
    clock(const clock&) = delete;
    clock& operator=(const clock&) = delete;
    void before_a() {
        pthread_mutex_lock(&m_);
        a.lock();
        a.unlock();
        pthread_mutex_unlock(&m_);
    }
    void after_a() {
        const std::lock_guard held(a);
        pthread_mutex_lock(&m_);
        pthread_mutex_unlock(&m_);
    }

private:
    pthread_mutex_t m_;
};

/// What others wrap their locks in, though its name does not say so: it returns with the lock held.
class door {
public:
    [[gnu::noinline]] door() { pthread_mutex_init(&m_, nullptr); }
    ~door() { pthread_mutex_destroy(&m_); }
    door(const door&) = delete;
    door& operator=(const door&) = delete;
    [[gnu::noinline]] void open() { pthread_mutex_lock(&m_); }
    [[gnu::noinline]] void close() { pthread_mutex_unlock(&m_); }

private:
    pthread_mutex_t m_;
};

struct shop {
    [[gnu::noinline]] shop() {}  // not defaulted: its frame is where the door's kind is told by
    door front;
};
struct mill {
    [[gnu::noinline]] mill() {}
    door front;
};

template <typename House>
void door_forward() {
    const auto house = std::make_unique<House>();
    house->front.open();
    a.lock();
    a.unlock();
    house->front.close();
}

template <typename House>
void door_backward() {
    const auto house = std::make_unique<House>();
    const std::lock_guard held(a);
    house->front.open();
    house->front.close();
}

void forward() {
    const std::lock_guard held(a);
    const std::lock_guard wanted(b);
}

void backward() {
    const std::lock_guard held(b);
    const std::lock_guard wanted(a);
}

void more_forward() {
    const std::lock_guard held(a);
    const std::lock_guard wanted(c);
}

void more_backward() {
    const std::lock_guard held(c);
    const std::lock_guard wanted(a);
}

void gated_forward() {
    const std::lock_guard outer(gate);
    forward();
}

void gated_backward() {
    const std::lock_guard outer(gate);
    backward();
}

void transfer(account& from, account& to) {
    const std::lock_guard held(from.m);
    const std::lock_guard wanted(to.m);
}

void patient_forward() {
    const std::lock_guard held(a);
    const std::unique_lock wanted(patient, std::chrono::hours(1));
}

void patient_backward() {
    const std::lock_guard held(patient);
    const std::lock_guard wanted(a);
}

void shared_forward() {
    const std::shared_lock held(readers);
    const std::shared_lock wanted(others);
}

void shared_backward() {
    const std::shared_lock held(others);
    const std::shared_lock wanted(readers);
}

void unborn_forward() {
    const auto one = std::make_unique<std::mutex>();
    const std::lock_guard held(*one);
    const std::lock_guard wanted(a);
}

void unborn_backward() {
    const auto one = std::make_unique<std::mutex>();
    const std::lock_guard held(a);
    const std::lock_guard wanted(*one);
}

/// Code that both the old and the new part of a program call, each with locks of its own.
void both(account& from, account& to) {
    const std::lock_guard held(from.m);
    const std::lock_guard wanted(to.m);
}

void legacy_way(account& from, account& to) { both(from, to); }
void modern_way(account& from, account& to) { both(from, to); }

/// An inversion inside the one process.
void both_ways(void (*way)(account&, account&)) {
    const auto one = std::make_unique<account>();
    const auto other = std::make_unique<account>();
    std::thread([&] { way(*one, *other); }).join();
    std::thread([&] { way(*other, *one); }).join();
}

void perform(std::string_view word) {
    if (word == "legacy") both_ways(legacy_way);
    if (word == "modern") both_ways(modern_way);

    if (word == "forward") forward();
    if (word == "backward") backward();
    if (word == "more-forward") more_forward();
    if (word == "more-backward") more_backward();
    if (word == "gated-forward") gated_forward();
    if (word == "gated-backward") gated_backward();
    if (word == "first") transfer(accounts[0], accounts[1]);
    if (word == "second") transfer(accounts[1], accounts[0]);
    if (word == "patient-forward") patient_forward();
    if (word == "patient-backward") patient_backward();
    if (word == "shared-forward") shared_forward();
    if (word == "shared-backward") shared_backward();
    if (word == "heap-forward") std::make_unique<clock>()->before_a();
    if (word == "heap-backward") std::make_unique<clock>()->after_a();
    if (word == "unborn-forward") unborn_forward();  // nothing tells where it was born
    if (word == "unborn-backward") unborn_backward();
    if (word == "shop-forward") door_forward<shop>();
    if (word == "shop-backward") door_backward<shop>();
    if (word == "mill-backward") door_backward<mill>();
}

}  // namespace

int main(int count, char** words) {
    for (int i = 1; i < count; ++i) std::thread(perform, words[i]).join();
}
