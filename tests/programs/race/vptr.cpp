// An object destroyed while another thread calls it.
#include <atomic>

#include "tests/programs/race/both.hpp"

struct base {
    virtual ~base() = default;
    virtual int call() { return 1; }
};
struct derived : base {
    int call() override { return 2; }
};
static std::atomic<int> called{0};

int main() {
    base* object = new derived;
    both(
        [=] {
            look(object->call());
            called.store(1, racy ? std::memory_order_relaxed : std::memory_order_release);
        },
        [=] {
            while (called.load(std::memory_order_acquire) == 0) std::this_thread::yield();
            delete object;
        });
}
