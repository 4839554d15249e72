#include "instrument/recorder/unwind_cache.hpp"

#include <sys/mman.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "instrument/recorder/own_mappings.hpp"
#include "instrument/recorder/redirection.hpp"
#include "instrument/recorder/system_call.hpp"

namespace interlock::recorder {
namespace {

constexpr std::size_t table_size = 256 << 10;  // 2^14 entries of 16 bytes: libunwind's smallest
constexpr std::size_t table_groups = 4;
constexpr std::size_t tables = table_groups * 64;
constexpr int no_table = -1;

constinit std::atomic<std::byte*> first_table{nullptr};
constinit std::atomic<std::uint64_t> taken[table_groups]{};  // a bit a table
constinit std::atomic<std::uint32_t> generation{0};

constinit thread_local int own_table = no_table;
constinit thread_local std::uint32_t own_generation = 0;

std::byte* tables_begin() noexcept {
    if (std::byte* made = first_table.load(std::memory_order_acquire)) return made;  // pairs with the exchange below
    auto* begin = static_cast<std::byte*>(reserve(tables * table_size));
    if (begin == nullptr) return nullptr;
    std::byte* expected = nullptr;
    if (first_table.compare_exchange_strong(expected, begin, std::memory_order_acq_rel)) return begin;
    unmap(begin, tables * table_size);
    return expected;
}

void give_table_back(std::size_t table) noexcept {
    taken[table / 64].fetch_and(~(std::uint64_t{1} << (table % 64)), std::memory_order_release);
}

int take_table() noexcept {
    for (std::size_t group = 0; group < table_groups; ++group) {
        std::uint64_t bits = taken[group].load(std::memory_order_relaxed);
        while (bits != ~std::uint64_t{0}) {
            const int bit = std::countr_one(bits);
            // Acquires what the table's former thread wrote; pairs with the release in give_table_back().
            if (taken[group].compare_exchange_weak(bits, bits | std::uint64_t{1} << bit, std::memory_order_acquire))
                return static_cast<int>(group) * 64 + bit;
        }
    }
    return no_table;
}

/// libunwind's mmap. Without a table it says "no memory" to itself, and goes the long way.
void* map_table(void* address, std::size_t size, int protection, int flags, int file, off_t offset) noexcept {
    if (size != table_size || (flags & MAP_ANONYMOUS) == 0) {
        const long mapped = system_call(SYS_mmap, address, static_cast<long>(size), protection, flags, file, offset);
        if (!is_error(mapped)) return reinterpret_cast<void*>(mapped);
        errno = static_cast<int>(-mapped);
        return MAP_FAILED;
    }
    std::byte* begin = own_table == no_table ? tables_begin() : nullptr;
    const int table = begin == nullptr ? no_table : take_table();
    std::byte* const memory = begin + static_cast<std::size_t>(table) * table_size;
    if (table == no_table || !allow_access(memory, table_size)) {
        if (table != no_table) give_table_back(static_cast<std::size_t>(table));
        errno = ENOMEM;
        return MAP_FAILED;
    }
    own_table = table;
    own_generation = generation.load(std::memory_order_relaxed);
    return memory;
}

int unmap_table(void* address, std::size_t size) noexcept {
    const std::byte* begin = first_table.load(std::memory_order_acquire);
    const auto distance = static_cast<std::size_t>(static_cast<const std::byte*>(address) - begin);
    if (begin == nullptr || address < begin || distance >= tables * table_size) {
        const long done = system_call(SYS_munmap, address, static_cast<long>(size));
        if (!is_error(done)) return 0;
        errno = static_cast<int>(-done);
        return -1;
    }
    const std::size_t table = distance / table_size;
    if (own_table == static_cast<int>(table)) own_table = no_table;
    give_table_back(table);
    return 0;
}

}  // namespace

void keep_unwind_caches(void* library) noexcept {
    if (redirect(library, "munmap", reinterpret_cast<void*>(unmap_table)))
        redirect(library, "mmap", reinterpret_cast<void*>(map_table));
}

void empty_stale_unwind_cache() noexcept {
    const std::uint32_t now = generation.load(std::memory_order_acquire);  // pairs with forget_cached_frames()
    if (own_table == no_table || own_generation == now) return;
    // An entry of address 0 is empty, whatever else it says.
    std::memset(first_table.load(std::memory_order_relaxed) + static_cast<std::size_t>(own_table) * table_size, 0,
                table_size);
    own_generation = now;
}

void forget_cached_frames() noexcept { generation.fetch_add(1, std::memory_order_release); }

void free_unwind_caches_of_others() noexcept {
    for (std::size_t group = 0; group < table_groups; ++group) {
        const bool is_own = own_table != no_table && static_cast<std::size_t>(own_table) / 64 == group;
        taken[group].store(is_own ? std::uint64_t{1} << (own_table % 64) : 0, std::memory_order_relaxed);
    }
}

}  // namespace interlock::recorder
