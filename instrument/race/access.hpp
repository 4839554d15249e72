// An access that the fast way does not settle: checked against what is known of its bytes, and entered there.
#pragma once

#include <cstdint>

#include "instrument/race/shadow.hpp"
#include "instrument/race/thread.hpp"

namespace interlock::race {

enum class access_mode : std::uint8_t { read = 0, write = 1, atomic_read = 2, atomic_write = 3 };

constexpr bool is_write(access_mode mode) noexcept { return (static_cast<unsigned>(mode) & 1) != 0; }
constexpr bool is_atomic(access_mode mode) noexcept { return (static_cast<unsigned>(mode) & 2) != 0; }

/// Everything but the common case. `bytes` as bytes_of() gives them for the cell of `address`.
void access_slowly(std::uintptr_t address, std::uint32_t bytes, access_mode mode, std::uintptr_t site) noexcept;

/// The same, from code that has hooks, which is learnt by that.
void access_by_hook(std::uintptr_t address, std::uint32_t bytes, access_mode mode, std::uintptr_t site) noexcept;

/// A range of any size, as one access each cell.
void access_range(std::uintptr_t address, std::size_t size, access_mode mode, std::uintptr_t site) noexcept;

/// A block that is freed: a write of all of it, told as `free`. What is known of it stays until it is allocated anew.
void access_freed(std::uintptr_t address, std::size_t size, std::uintptr_t site) noexcept;

/// New memory: nothing is known of it. Whole cells.
void forget_range(std::uintptr_t address, std::size_t size) noexcept;

/// The cell's head, which is locked now. Precondition: a thread of ours is inside.
std::uint64_t lock_cell(cell& at) noexcept;
inline void unlock_cell(cell& at, std::uint64_t head) noexcept {
    __atomic_store_n(&at.head, head, __ATOMIC_RELEASE);  // pairs with load_head() and the exchange in lock_cell()
}

/// Enters an access in a cell that is locked; reports races. Returns the new head, not yet stored.
std::uint64_t enter_access(thread& self, cell& at, std::uint64_t head, std::uintptr_t address, std::uint32_t bytes,
                           access_mode mode, std::uintptr_t site, bool frees = false) noexcept;

/// The descriptor of `site` in the calling thread's present context.
descriptor describe(thread& self, std::uintptr_t site, bool frees = false) noexcept;

/// The same without what is held: while a lock's operation is under way, that changes.
descriptor describe_bare(thread& self, std::uintptr_t site) noexcept;

/// Is an access of these bytes by this thread in its epoch known already? Looks without the lock.
bool is_covered(const thread& self, const cell& at, std::uint64_t head, std::uint32_t bytes, access_mode mode) noexcept;

/// The fast way: one load, one comparison.
__attribute__((always_inline)) inline bool is_covered_fast(const cell& at, std::uint64_t needed) noexcept {
    return (__atomic_load_n(&at.head, __ATOMIC_RELAXED) & (head_bits::fast | needed)) == (front.stamp | needed);
}

template <unsigned Size>
__attribute__((always_inline)) inline void access(std::uintptr_t address, bool writes, std::uintptr_t site) noexcept {
    const auto offset = static_cast<unsigned>(address % cell_span);
    std::uint64_t needed = bytes_of(0, Size) << offset;
    if (writes) needed <<= head_bits::written_shift;
    // Aligned as the compiler says; a misaligned one that reaches into the next cell has bits beyond the eight.
    if (__builtin_expect(offset + Size <= cell_span, 1)) {
        if (__builtin_expect(is_covered_fast(*cell_of(address), needed), 1)) return;
        access_by_hook(address, bytes_of(0, Size) << offset, writes ? access_mode::write : access_mode::read, site);
        return;
    }
    access_range(address, Size, writes ? access_mode::write : access_mode::read, site);
}

}  // namespace interlock::race
