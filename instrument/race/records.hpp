// Overflow records: the accesses of 8 bytes for which the cell has no room, and the clocks of atomics in them. Type-stable: a record is
// reused only as a record, so a stale pointer to one can be looked into. Changed only under its cell's lock.
#pragma once

#include "instrument/race/cell.hpp"
#include "instrument/race/clock.hpp"

namespace interlock::race {

/// The clock that an atomic object hands on: its release sequence (C++20, [intro.races]).
struct atomic_clock {
    clock_vector released;
    /// Epoch of the last release, if that release knew all of `released`: who knows of that epoch has nothing to learn. Else 0.
    std::uint64_t last = 0;
    std::uint32_t releaser = 0;  // slot of the last release; a relaxed store by another ends the sequence
    std::uint8_t offset = 0;     // in the cell
    std::uint8_t size = 0;
    atomic_clock* next = nullptr;
};

/// 64 bytes for four accesses, 128 for nine ... The stamps stand together, so that whoever looks for his own reads one line.
struct record {
    std::uint64_t
        state;  // version 40 | size class 4 | count 20; the version goes up with each atomic operation under the lock
    union {
        atomic_clock* atomics;
        record* next_free;  // while it is free
    };

    static constexpr unsigned class_shift = 20;
    static constexpr unsigned class_count = 16;
    static constexpr std::uint64_t one_version = std::uint64_t{class_count} << class_shift;
    static constexpr std::uint64_t count_mask = (std::uint64_t{1} << class_shift) - 1;
    static constexpr std::size_t size_of_class(std::size_t size_class) noexcept {
        return std::size_t{64} << size_class;
    }
    static constexpr std::uint32_t capacity_of(std::size_t size_class) noexcept {
        return static_cast<std::uint32_t>((size_of_class(size_class) - 16) /
                                          (sizeof(std::uint64_t) + sizeof(descriptor)));
    }

    std::uint32_t size_class() const noexcept { return state >> class_shift & (class_count - 1); }
    std::uint32_t capacity() const noexcept { return capacity_of(size_class()); }
    std::uint32_t count() const noexcept { return state & count_mask; }
    void set_count(std::uint32_t count) noexcept { state = (state & ~count_mask) | count; }

    std::uint64_t* stamps() noexcept { return reinterpret_cast<std::uint64_t*>(this + 1); }
    const std::uint64_t* stamps() const noexcept { return reinterpret_cast<const std::uint64_t*>(this + 1); }
    descriptor* places() noexcept { return reinterpret_cast<descriptor*>(stamps() + capacity()); }
};
static_assert(sizeof(record) == 16 && record::capacity_of(record::class_count - 1) <= record::count_mask);

/// A thread's own few, so that most cells change without a latch.
struct record_cache {
    record* first = nullptr;
    std::uint32_t count = 0;
    std::uint32_t versions = 0;
};

/// A record with room for `capacity` entries or more; nullptr: out of memory. Its count is 0.
record* make_record(record_cache& own, std::uint32_t capacity) noexcept;
/// Its atomics go too.
void free_record(record_cache& own, record* gone) noexcept;

atomic_clock* make_atomic(record& into, unsigned offset, unsigned size) noexcept;
/// The clock of exactly this place, or nullptr.
inline atomic_clock* find_atomic(const record& in, unsigned offset) noexcept {
    atomic_clock* at = in.atomics;
    while (at != nullptr && at->offset != offset) at = at->next;
    return at;
}

/// The head of a cell that has this record. Another version each time, so that a reader without the lock can tell.
std::uint64_t head_of(record_cache& own, const record& of) noexcept;
inline record* record_of(std::uint64_t head) noexcept {
    return reinterpret_cast<record*>(head & ((std::uint64_t{1} << 47) - 1));
}

/// The thread is gone: its records are for all.
void empty(record_cache& own) noexcept;

/// Forked child: nobody holds the latch.
void reset_records() noexcept;

}  // namespace interlock::race
