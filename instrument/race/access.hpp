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

/// The same, in one cell or several, from code that has hooks, which is learnt by that. `mask` as coverage_mask() gives it.
void access_by_hook(std::uintptr_t address, std::uint32_t size, access_mode mode, std::uintptr_t site,
                    std::uint64_t mask) noexcept;

/// A range of any size, as one access each cell.
void access_range(std::uintptr_t address, std::size_t size, access_mode mode, std::uintptr_t site) noexcept;

/// A block that is freed: a write of all of it, told as `free`. What is known of it stays until it is allocated anew.
void access_freed(std::uintptr_t address, std::size_t size, std::uintptr_t site) noexcept;

/// New memory: nothing is known of it. Whole cells.
void forget_range(std::uintptr_t address, std::size_t size) noexcept;

inline bool try_lock_cell(cell& at, std::uint64_t& head) noexcept {
    head = __atomic_load_n(&at.head, __ATOMIC_RELAXED);
    // acquire: pairs with the release in unlock_cell()
    return (head & head_bits::locked) == 0 && __atomic_compare_exchange_n(&at.head, &head, head | head_bits::locked,
                                                                          false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
std::uint64_t lock_cell_contended(cell& at) noexcept;

/// The cell's head, which is locked now. Precondition: a thread of ours is inside.
inline std::uint64_t lock_cell(cell& at) noexcept {
    std::uint64_t head = 0;
    return __builtin_expect(try_lock_cell(at, head), 1) ? head : lock_cell_contended(at);
}
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
bool is_covered(const cell& at, std::uint64_t head, std::uint32_t bytes, access_mode mode) noexcept;

/// By the access's offset in its cell: see coverage_mask().
struct coverage_masks {
    std::uint64_t at[cell_span];
};
constexpr coverage_masks masks_of(unsigned size, bool writes) noexcept {
    coverage_masks made{};
    for (unsigned offset = 0; offset < cell_span; ++offset) made.at[offset] = coverage_mask(offset, size, writes);
    return made;
}
template <unsigned Size, bool Writes>
inline constexpr coverage_masks masks = masks_of(Size, Writes);

template <unsigned Size, bool Writes>
__attribute__((always_inline)) inline std::uint64_t mask_for(std::uintptr_t address) noexcept {
    if constexpr (Size < cell_span) return masks<Size, Writes>.at[address % cell_span];
    return Size == cell_span && address % cell_span == 0 ? coverage_mask(0, Size, Writes) : ~std::uint64_t{0};
}

/// The fast way: what differs between the cell of an address and this thread's own.
__attribute__((always_inline)) inline std::uint64_t unlike_own(std::uintptr_t address) noexcept {
    return __atomic_load_n(&cell_of(address)->head, __ATOMIC_RELAXED) ^ front.own;
}

template <unsigned Size, bool Writes>
__attribute__((always_inline)) inline bool is_covered_fast(std::uintptr_t address) noexcept {
    if constexpr (Size < cell_span) return (unlike_own(address) & mask_for<Size, Writes>(address)) == 0;
    if (__builtin_expect(address % cell_span != 0, 0)) return false;
    constexpr std::uint64_t mask = coverage_mask(0, cell_span, Writes);
    if constexpr (Size == cell_span) return (unlike_own(address) & mask) == 0;
    return ((unlike_own(address) | unlike_own(address + cell_span)) & mask) == 0;
}

}  // namespace interlock::race
