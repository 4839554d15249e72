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

struct record {
    std::uint32_t count;
    std::uint32_t capacity;  // for good
    atomic_clock* atomics;
    record* next_free;
    std::uint64_t version;  // goes up with each atomic operation that is done under the lock

    access_entry* entries() noexcept { return reinterpret_cast<access_entry*>(this + 1); }
    const access_entry* entries() const noexcept { return reinterpret_cast<const access_entry*>(this + 1); }
};

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
