// A mark is a descriptor with `freed_mark` once the block is freed; the mark after it, which every block has room for, is the size in
// units of 8 bytes with `size_mark`.
#include "instrument/race/blocks.hpp"

#include "instrument/race/shadow.hpp"

namespace interlock::race {
namespace {

constexpr std::uint32_t size_mark = std::uint32_t{1} << 30;
constexpr std::uint32_t size_units_max = size_mark - 1;
constexpr std::uintptr_t page_size = 4096;
constexpr std::uintptr_t marks_a_page = page_size / sizeof(std::uint32_t);

/// Marks of a block that is no more, inside the new one.
void clear_marks(std::uintptr_t begin, std::size_t size) noexcept {
    std::uint32_t* at = mark_of(begin);
    std::uint32_t* const end = mark_of(begin + size - 1) + 1;
    unsigned char there[pages_max];
    while (at < end) {
        const std::uintptr_t page = reinterpret_cast<std::uintptr_t>(at) & ~(page_size - 1);
        auto* const next = reinterpret_cast<std::uint32_t*>(page + page_size);
        if (size >= large_range) {
            find_resident(page, 1, there);
            if ((there[0] & 1) == 0) {
                at = next;
                continue;
            }
        }
        for (; at < end && at < next; ++at)
            if (*at != 0) *at = 0;
    }
}

}  // namespace

void mark_block(std::uintptr_t begin, std::size_t size, descriptor at) noexcept {
    if (size <= mark_span || !is_shadowed(begin) || !is_shadowed(begin + size - 1)) return;
    clear_marks(begin, size);
    const std::size_t units = size / 8;
    mark_of(begin)[1] = size_mark | static_cast<std::uint32_t>(units < size_units_max ? units : size_units_max);
    __atomic_store_n(mark_of(begin), at, __ATOMIC_RELAXED);
}

void mark_freed(std::uintptr_t begin) noexcept {
    if (!is_shadowed(begin)) return;
    std::uint32_t* const mark = mark_of(begin);
    if ((*mark & size_mark) == 0 && *mark != 0) *mark |= freed_mark;
}

bool find_block(std::uintptr_t address, heap_block& out) noexcept {
    if (!is_shadowed(address)) return false;
    constexpr std::uint64_t pages_back = std::uint64_t{1} << 18;
    const std::uint32_t* at = mark_of(address);
    unsigned char there[pages_max];
    for (std::uint64_t pages = 0; pages < pages_back; ++pages) {
        const std::uintptr_t page = reinterpret_cast<std::uintptr_t>(at) & ~(page_size - 1);
        const auto* const first = reinterpret_cast<const std::uint32_t*>(page);
        find_resident(page, 1, there);
        for (; (there[0] & 1) != 0 && at >= first; --at) {
            if (*at == 0 || (*at & size_mark) != 0) continue;
            const auto span_index = static_cast<std::uintptr_t>(mark_of(address) - at);
            out.begin = (address & ~(mark_span - 1)) - span_index * mark_span;
            out.size = std::size_t{at[1] & size_units_max} * 8;
            out.allocated_at = *at & ~freed_mark;
            out.freed = (*at & freed_mark) != 0;
            return (at[1] & size_mark) != 0 && address - out.begin < out.size;
        }
        at = first - 1;
        if (!is_shadowed(address - (pages + 1) * marks_a_page * mark_span)) return false;
    }
    return false;
}

}  // namespace interlock::race
