// Where the shadow of an address lies. Two shadows, reserved once at the start and real only where used:
//   cells: 16 bytes for each 8 bytes of the program (cell.hpp);
//   marks: 4 bytes for each 16, not zero where a heap block begins (blocks.hpp).
//
// The program's addresses lie in three regions, as Linux lays out x86-64 with its usual randomisation; their shadows lie between:
//     0x0000'0000'0000 - 0x0080'0000'0000  low   executable at a fixed place, and its heap
//     0x5500'0000'0000 - 0x5800'0000'0000  mid   position-independent executable, and its heap
//     0x7000'0000'0000 - 0x8000'0000'0000  high  libraries, mappings, stacks
//     cells: 2x, modulo 2^47, bit 46 flipped:    0x4000..0x4100, 0x6a00..0x7000, 0x2000..0x4000 (in units of 2^32)
//     marks: x/4 + 0x4400'0000'0000:             0x4400..0x4420, 0x5940..0x5a00, 0x6000..0x6400
// Another layout (more random bits) is left by executing the program again without randomisation.
#pragma once

#include <cstddef>
#include <cstdint>

#include "instrument/race/cell.hpp"

namespace interlock::race {

inline constexpr std::uintptr_t cell_span = 8;  // bytes of the program that a cell tells of
inline constexpr std::uintptr_t mark_span = 16;

/// How cells lie once they are reserved. Until then, and where they cannot be, all addresses share one cell that stays empty.
struct cell_layout {
    std::uintptr_t mask;
    std::uintptr_t flip;
};
inline constexpr cell_layout reserved_cells{(std::uintptr_t{1} << 47) - 2 * cell_span, std::uintptr_t{1} << 46};
extern constinit cell_layout cells_at;

__attribute__((always_inline)) inline cell* cell_of(std::uintptr_t address) noexcept {
    return reinterpret_cast<cell*>(((address * 2) & cells_at.mask) ^ cells_at.flip);
}

inline std::uintptr_t address_of(const cell* at) noexcept {
    const std::uintptr_t shifted = reinterpret_cast<std::uintptr_t>(at) ^ std::uintptr_t{1} << 46;
    // The bit that fell off is set for mid and high, which begin at 2^46.
    const bool low = shifted < std::uintptr_t{0x0100} << 32;
    return (shifted | (low ? 0 : std::uintptr_t{1} << 47)) >> 1;
}

inline std::uint32_t* mark_of(std::uintptr_t address) noexcept {
    return reinterpret_cast<std::uint32_t*>(((address & ~(mark_span - 1)) >> 2) + (std::uintptr_t{0x4400} << 32));
}

/// Is there shadow for this address?
inline bool is_shadowed(std::uintptr_t address) noexcept {
    const std::uintptr_t unit = address >> 32;
    return unit < 0x0080 || (unit >= 0x5500 && unit < 0x5800) || (unit >= 0x7000 && unit < 0x8000);
}

/// Reserves the shadows, or says in one line why that cannot be. May execute the program again and not return.
bool reserve_shadow() noexcept;

/// Forgets all that was seen: a forked child is alone.
void wipe_shadow() noexcept;

/// Calls `visit(cell&)` for each cell of a range of the program's that may hold something. Pages of the shadow that were never
/// written are passed over. Cost: linear, a few instructions for an empty cell.
template <typename Visit>
void for_each_cell(std::uintptr_t begin, std::size_t size, Visit visit) noexcept;

/// there[i] & 1: page i of the shadow from `page` on is there.
inline constexpr std::size_t pages_max = 1024;
void find_resident(std::uintptr_t page, std::size_t count, unsigned char (&there)[pages_max]) noexcept;

/// Gives the whole pages of the cells of a range back to the system: they read as empty. Cells at the edges stay.
void drop_cells(std::uintptr_t begin, std::size_t size) noexcept;

inline constexpr std::size_t large_range = 64 * 1024;  // bytes of the program, from which on pages are looked at first

template <typename Visit>
void for_each_cell(std::uintptr_t begin, std::size_t size, Visit visit) noexcept {
    if (size == 0 || !is_shadowed(begin) || !is_shadowed(begin + size - 1)) return;
    cell* at = cell_of(begin);
    cell* const end = cell_of(begin + size - 1) + 1;
    if (size < large_range) {
        for (; at != end; ++at) visit(*at);
        return;
    }
    constexpr std::uintptr_t page_size = 4096;
    unsigned char there[pages_max];
    while (at < end) {
        const std::uintptr_t page = reinterpret_cast<std::uintptr_t>(at) & ~(page_size - 1);
        const std::uintptr_t left = (reinterpret_cast<std::uintptr_t>(end) - page + page_size - 1) / page_size;
        const std::size_t batch = left < pages_max ? left : pages_max;
        find_resident(page, batch, there);
        for (std::size_t i = 0; i < batch && at < end; ++i) {
            auto* const next = reinterpret_cast<cell*>(page + (i + 1) * page_size);
            if ((there[i] & 1) == 0) {
                at = next;
                continue;
            }
            for (; at != next && at < end; ++at) visit(*at);
        }
    }
}

}  // namespace interlock::race
