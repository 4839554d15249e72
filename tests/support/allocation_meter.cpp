#include "tests/support/allocation_meter.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

// Counters alone; nothing is published through them.
std::atomic<std::size_t> now{0};
std::atomic<std::size_t> most{0};

void* allocate(std::size_t size) {
    void* const place = std::malloc(size == 0 ? 1 : size);
    if (place == nullptr) throw std::bad_alloc();
    const std::size_t sum =
        now.fetch_add(malloc_usable_size(place), std::memory_order_relaxed) + malloc_usable_size(place);
    if (sum > most.load(std::memory_order_relaxed)) most.store(sum, std::memory_order_relaxed);
    return place;
}

void release(void* place) noexcept {
    if (place == nullptr) return;
    now.fetch_sub(malloc_usable_size(place), std::memory_order_relaxed);
    std::free(place);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* place) noexcept { release(place); }
void operator delete[](void* place) noexcept { release(place); }
void operator delete(void* place, std::size_t) noexcept { release(place); }
void operator delete[](void* place, std::size_t) noexcept { release(place); }

namespace interlock::testing {

std::size_t allocated_bytes() noexcept { return now.load(std::memory_order_relaxed); }
std::size_t allocated_bytes_max() noexcept { return most.load(std::memory_order_relaxed); }
void reset_allocated_bytes_max() noexcept {
    most.store(now.load(std::memory_order_relaxed), std::memory_order_relaxed);
}

}  // namespace interlock::testing
