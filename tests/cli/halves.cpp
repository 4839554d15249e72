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

/// A lock of the heap that is initialised where its kind is told by.
class node {
public:
    node() { pthread_mutex_init(&m_, nullptr); }
    ~node() { pthread_mutex_destroy(&m_); }
    node(const node&) = delete;
    node& operator=(const node&) = delete;
    void lock() { pthread_mutex_lock(&m_); }
    void unlock() { pthread_mutex_unlock(&m_); }

private:
    pthread_mutex_t m_;
};

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

template <typename Lock>
void heap_forward() {
    const auto one = std::make_unique<Lock>();
    const std::lock_guard held(*one);
    const std::lock_guard wanted(a);
}

template <typename Lock>
void heap_backward() {
    const auto one = std::make_unique<Lock>();
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
    if (word == "heap-forward") heap_forward<node>();
    if (word == "heap-backward") heap_backward<node>();
    if (word == "unborn-forward") heap_forward<std::mutex>();  // nothing tells where it was born
    if (word == "unborn-backward") heap_backward<std::mutex>();
}

}  // namespace

int main(int count, char** words) {
    for (int i = 1; i < count; ++i) std::thread(perform, words[i]).join();
}
