// Defects whose ids must hold still: each in a place that compilers, edits and chance treat differently. Threads run one after
// the other, so nothing hangs; in which order, and which of two instances comes first, is chance.
#include <pthread.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

namespace {

bool toss() { return (std::chrono::steady_clock::now().time_since_epoch().count() / 100 & 1) != 0; }

template <typename One, typename Other>
void in_any_order(One one, Other other) {
    const bool first = toss();
    if (first) std::thread(one).join();
    std::thread(other).join();
    if (!first) std::thread(one).join();
}

std::mutex plain_a, plain_b;

void plain_forward() {
    const std::lock_guard held(plain_a);
    const std::lock_guard wanted(plain_b);
}

void plain_backward() {
    const std::lock_guard held(plain_b);
    const std::lock_guard wanted(plain_a);
}

std::mutex inlined_a, inlined_b;

inline void inlined_take(std::mutex& one, std::mutex& other) {
    const std::lock_guard held(one);
    const std::lock_guard wanted(other);
}

void inlining_forward() { inlined_take(inlined_a, inlined_b); }

void inlining_backward() { inlined_take(inlined_b, inlined_a); }

std::mutex lambda_a, lambda_b;

void lambdas() {
    const auto forward = [] {
        const std::lock_guard held(lambda_a);
        const std::lock_guard wanted(lambda_b);
    };
    const auto backward = [](auto& inner) {
        const std::lock_guard held(lambda_b);
        const std::lock_guard wanted(inner);
    };
    in_any_order(forward, [&] { backward(lambda_a); });
}

std::mutex template_a, template_b;

template <typename Word>
void templated(std::mutex& one, std::mutex& other, Word) {
    const std::lock_guard held(one);
    const std::lock_guard wanted(other);
}

class cache {
public:
    void put(std::mutex& journal) {
        const std::lock_guard held(m_);
        const std::lock_guard wanted(journal);
    }
    void flush(std::mutex& journal) {
        const std::lock_guard held(journal);
        const std::lock_guard wanted(m_);
    }

private:
    std::mutex m_;
};

std::mutex& local_lock() {
    static std::mutex inside;
    return inside;
}

std::mutex beside;

void local_forward() {
    const std::lock_guard held(local_lock());
    const std::lock_guard wanted(beside);
}

void local_backward() {
    const std::lock_guard held(beside);
    const std::lock_guard wanted(local_lock());
}

std::shared_mutex shared_a, shared_b;

void shared_forward() {
    const std::shared_lock held(shared_a);
    const std::lock_guard wanted(shared_b);
}

void shared_backward() {
    const std::shared_lock held(shared_b);
    const std::lock_guard wanted(shared_a);
}

std::mutex ring[3];

void ring_0() {
    const std::lock_guard held(ring[0]);
    const std::lock_guard wanted(ring[1]);
}

void ring_1() {
    const std::lock_guard held(ring[1]);
    const std::lock_guard wanted(ring[2]);
}

void ring_2() {
    const std::lock_guard held(ring[2]);
    const std::lock_guard wanted(ring[0]);
}

std::mutex several_a, several_b;

void several_this_way() {
    const std::lock_guard held(several_a);
    const std::lock_guard wanted(several_b);
}

void several_that_way() {
    const std::lock_guard held(several_a);
    const std::lock_guard wanted(several_b);
}

void several_back() {
    const std::lock_guard held(several_b);
    const std::lock_guard wanted(several_a);
}

void several() {
    if (toss()) {
        several_this_way();
        several_that_way();
    } else {
        several_that_way();
        several_this_way();
    }
}

pthread_mutex_t checked;

int locks_twice() {
    pthread_mutex_lock(&checked);
    const int refused = pthread_mutex_lock(&checked);
    pthread_mutex_unlock(&checked);
    return refused;
}

int unlocks_free() {
    const int refused = pthread_mutex_unlock(&checked);
    return refused + 1;
}

std::mutex tail_a, tail_b;

/// The last thing that it does is to call the lock: with optimisation a jump, which leaves no frame of it.
void tail_take(std::mutex& one) { one.lock(); }

void tail_forward() {
    const std::lock_guard held(tail_a);
    tail_take(tail_b);
    tail_b.unlock();
}

void tail_backward() {
    const std::lock_guard held(tail_b);
    tail_take(tail_a);
    tail_a.unlock();
}

void misuse() {
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&checked, &kind);
    if (locks_twice() + unlocks_free() == 0) throw 1;
    pthread_mutex_destroy(&checked);
}

}  // namespace

int main() {
    in_any_order(plain_forward, plain_backward);
    in_any_order(inlining_forward, inlining_backward);
    lambdas();
    in_any_order([] { templated(template_a, template_b, 1); }, [] { templated(template_b, template_a, 'c'); });
    const auto one = std::make_unique<cache>();
    in_any_order([&] { one->put(plain_a); }, [&] { one->flush(plain_a); });
    in_any_order(local_forward, local_backward);
    in_any_order(shared_forward, shared_backward);
    in_any_order(ring_0, ring_1);
    std::thread(ring_2).join();
    in_any_order(several, several_back);
    in_any_order(tail_forward, tail_backward);
    misuse();
}
