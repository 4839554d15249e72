// Heap blocks: each leaves a mark at its beginning that leads to the stack of its allocation, so that a report can say what memory is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "instrument/race/cell.hpp"

namespace interlock::race {

inline constexpr std::uint32_t freed_mark = std::uint32_t{1} << 31;

/// Allocated, by which descriptor; freed. A block of at most 16 bytes has no room for marks: glibc makes none.
void mark_block(std::uintptr_t begin, std::size_t size, descriptor at) noexcept;
void mark_freed(std::uintptr_t begin) noexcept;

struct heap_block {
    std::uintptr_t begin = 0;
    std::size_t size = 0;
    descriptor allocated_at = 0;
    bool freed = false;
};
/// The block that holds or held an address. False: none known. Cost: linear in the distance to its beginning; for reports.
bool find_block(std::uintptr_t address, heap_block& out) noexcept;

}  // namespace interlock::race
