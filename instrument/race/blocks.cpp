// A mark is a descriptor with `freed_mark` once the block is freed; the mark after it, which every block has room for, is the size in
// units of 8 bytes with `size_mark`.
#include "instrument/race/blocks.hpp"

#include <dlfcn.h>

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

namespace {

/// The nearest mark at or before `at` that begins a block, no further back than the page of marks that begins at `first`; nullptr: none.
const std::uint32_t* find_mark(const std::uint32_t* at, const std::uint32_t* first) noexcept {
    for (; at >= first; --at)
        if (*at != 0 && (*at & size_mark) == 0) return at;
    return nullptr;
}

bool is_in_module(std::uintptr_t address) noexcept {
    dl_find_object found;
    return _dl_find_object(reinterpret_cast<void*>(address), &found) == 0;
}

}  // namespace

bool find_block(std::uintptr_t address, heap_block& out) noexcept {
    constexpr std::uint64_t pages_back = std::uint64_t{1} << 18;
    constexpr std::uintptr_t page_tells = marks_a_page * mark_span;  // bytes of the program
    if (!is_shadowed(address) || is_in_module(address)) return false;
    const std::uint32_t* at = mark_of(address);
    unsigned char there[pages_max];
    for (std::uint64_t seen = 0; seen < pages_back;) {
        const std::uintptr_t last = reinterpret_cast<std::uintptr_t>(at) & ~(page_size - 1);
        const std::uintptr_t here = address - seen * page_tells;
        std::size_t count = pages_max;
        if (here < count * page_tells || !is_shadowed(here - count * page_tells)) count = 1;
        if (!is_shadowed(here)) return false;
        find_resident(last - (count - 1) * page_size, count, there);
        for (std::size_t i = count; i-- != 0;) {
            const auto* const first = reinterpret_cast<const std::uint32_t*>(last - (count - 1 - i) * page_size);
            const std::uint32_t* const mark = (there[i] & 1) != 0 ? find_mark(at, first) : nullptr;
            at = first - 1;
            if (mark == nullptr) continue;
            const auto span_index = static_cast<std::uintptr_t>(mark_of(address) - mark);
            out.begin = (address & ~(mark_span - 1)) - span_index * mark_span;
            out.size = std::size_t{mark[1] & size_units_max} * 8;
            out.allocated_at = *mark & ~freed_mark;
            out.freed = (*mark & freed_mark) != 0;
            return (mark[1] & size_mark) != 0 && address - out.begin < out.size;
        }
        seen += count;
    }
    return false;
}

}  // namespace interlock::race
