#include "instrument/recorder/own_mappings.hpp"

#include <sys/mman.h>

#include <atomic>

#include "instrument/recorder/system_call.hpp"

namespace interlock::recorder {
namespace {

/// Smaller ones do no harm.
constexpr std::size_t smallest_known = std::size_t{1} << 20;

struct known_mapping {
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<std::size_t> size{0};  // 0: being entered
};
constinit known_mapping book[own_mappings_max];
constinit std::atomic<bool> future_locked{false};

/// A mapping that the kernel locks is filled with pages, and counts against the program's limit: so it is made inaccessible, which fills nothing,
/// and let go of first.
void* map(std::size_t size, int protection, int sharing) noexcept {
    const bool locked = future_locked.load(std::memory_order_relaxed);
    const long result = system_call(SYS_mmap, nullptr, static_cast<long>(size), locked ? PROT_NONE : protection,
                                    sharing | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (is_error(result)) return nullptr;
    auto* const begin = reinterpret_cast<void*>(result);
    if (locked) system_call(SYS_munlock, begin, static_cast<long>(size));
    if (locked && protection != PROT_NONE && !allow_access(begin, size)) {
        system_call(SYS_munmap, begin, static_cast<long>(size));
        return nullptr;
    }
    remember_mapping(begin, size);
    return begin;
}

}  // namespace

void* map_anonymous(std::size_t size) noexcept { return map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE); }
void* reserve(std::size_t size) noexcept { return map(size, PROT_NONE, MAP_PRIVATE); }
void* map_shared_with_children(std::size_t size) noexcept { return map(size, PROT_READ | PROT_WRITE, MAP_SHARED); }

bool allow_access(void* begin, std::size_t size) noexcept {
    return !is_error(system_call(SYS_mprotect, begin, static_cast<long>(size), PROT_READ | PROT_WRITE));
}

void unmap(void* address, std::size_t size) noexcept {
    if (size >= smallest_known) forget_mapping(address);
    system_call(SYS_munmap, address, static_cast<long>(size));
}

void remember_mapping(const void* begin, std::size_t size) noexcept {
    if (size < smallest_known) return;
    for (known_mapping& entry : book) {
        std::uintptr_t expected = 0;
        if (entry.begin.load(std::memory_order_relaxed) == 0 &&
            entry.begin.compare_exchange_strong(expected, reinterpret_cast<std::uintptr_t>(begin),
                                                std::memory_order_relaxed)) {
            entry.size.store(size, std::memory_order_release);  // pairs with copy_own_mappings()
            return;
        }
    }
}

void forget_mapping(const void* begin) noexcept {
    for (known_mapping& entry : book)
        if (entry.begin.load(std::memory_order_relaxed) == reinterpret_cast<std::uintptr_t>(begin)) {
            entry.size.store(0, std::memory_order_relaxed);
            entry.begin.store(0, std::memory_order_release);  // whoever enters one there comes after the size
            return;
        }
}

std::size_t copy_own_mappings(std::span<mapped_range> out) noexcept {
    std::size_t count = 0;
    for (const known_mapping& entry : book) {
        const std::size_t size = entry.size.load(std::memory_order_acquire);  // pairs with remember_mapping()
        const std::uintptr_t begin = entry.begin.load(std::memory_order_relaxed);
        if (size != 0 && begin != 0 && count != out.size()) out[count++] = {begin, begin + size};
    }
    return count;
}

void set_future_locked(bool locked) noexcept { future_locked.store(locked, std::memory_order_relaxed); }

}  // namespace interlock::recorder
