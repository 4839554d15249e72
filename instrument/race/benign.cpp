#include "instrument/race/benign.hpp"

#include <cstring>

#include "instrument/race/memory.hpp"

namespace interlock::race {

constinit std::atomic<std::uint32_t> benign_count{0};

namespace {

struct range {
    std::uintptr_t begin;
    std::uintptr_t end;
};
constexpr std::uint32_t ranges_max = 1u << 16;

struct range_list {
    recorder::spin_latch latch;
    range* ranges = nullptr;
    std::uint32_t capacity = 0;
};
constinit range_list all;

bool grow() noexcept {
    if (all.capacity == ranges_max) return false;
    const std::uint32_t capacity = all.capacity == 0 ? 16 : all.capacity * 2;
    auto* ranges = static_cast<range*>(memory.allocate(capacity * sizeof(range)));
    if (ranges == nullptr) return false;
    if (all.ranges != nullptr) {
        std::memcpy(ranges, all.ranges, all.capacity * sizeof(range));
        memory.release(all.ranges, all.capacity * sizeof(range));
    }
    all.ranges = ranges;
    all.capacity = capacity;
    return true;
}

}  // namespace

void add_benign(std::uintptr_t address, std::size_t size) noexcept {
    const recorder::spin_guard guard(all.latch);
    const std::uint32_t count = benign_count.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < count; ++i)
        if (all.ranges[i].begin == address && all.ranges[i].end == address + size) return;
    if (count == all.capacity && !grow()) return;
    all.ranges[count] = {address, address + size};
    benign_count.store(count + 1, std::memory_order_relaxed);
}

bool is_benign(std::uintptr_t address, std::size_t size) noexcept {
    if (benign_count.load(std::memory_order_relaxed) == 0) return false;
    const recorder::spin_guard guard(all.latch);
    for (std::uint32_t i = 0; i < benign_count.load(std::memory_order_relaxed); ++i)
        if (address < all.ranges[i].end && all.ranges[i].begin < address + size) return true;
    return false;
}

void drop_benign_slowly(std::uintptr_t address, std::size_t size) noexcept {
    const recorder::spin_guard guard(all.latch);
    std::uint32_t count = benign_count.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < count;) {
        if (all.ranges[i].begin >= address && all.ranges[i].end <= address + size)
            all.ranges[i] = all.ranges[--count];
        else
            ++i;
    }
    benign_count.store(count, std::memory_order_relaxed);
}

void reset_benign() noexcept { all.latch.reset(); }

}  // namespace interlock::race
