// Double-checked locking: the pointer must be published by release and acquire.
#include <atomic>
#include <mutex>

#include "tests/programs/race/both.hpp"

struct config {
    int value = 1;
};
static std::atomic<config*> instance{nullptr};
static std::mutex guard;
static constexpr auto load_order = racy ? std::memory_order_relaxed : std::memory_order_acquire;
static constexpr auto store_order = racy ? std::memory_order_relaxed : std::memory_order_release;

static config* get() {
    config* found = instance.load(load_order);
    if (found != nullptr) return found;
    const std::lock_guard lock(guard);
    found = instance.load(std::memory_order_relaxed);
    if (found == nullptr) {
        found = new config;
        instance.store(found, store_order);
    }
    return found;
}

int main() {
    both([] { get(); },
         [] {
             while (instance.load(std::memory_order_relaxed) == nullptr) std::this_thread::yield();
             look(get()->value);
         });
    delete instance.load();
}
