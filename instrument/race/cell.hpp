// What is known of 8 bytes of the program: who accessed them last, exactly.
//
// The simple model, after Flanagan and Freund, FastTrack (PLDI 2009), byte by byte instead of variable by variable: a list of
// accesses, each with its epoch (slot, clock), kind and bytes, of which those are left out that a later ordered access of the same
// bytes subsumes. Two accesses race if their bytes meet, one writes, not both are atomic, and neither is ordered before
// the other. Nothing is ever left out otherwise.
//
// Most lists are short, and then the cell itself says all; else it points to an overflow record (records.hpp).
//
//   word `head` of a cell that says all:
//      63  62  61  60      49 48       17 16     15      8 7       0
//     +---+---+---+----------+-----------+------+---------+---------+
//     | 0 |lck|two| slot 12  | clock 32  |atomic| written | read    |     one bit a byte; what is written counts as read
//     +---+---+---+----------+-----------+------+---------+---------+
//   `two` clear: all of one epoch; `places`: descriptor of the upper four bytes << 32 | of the lower four
//   `two` set:   the bytes in `read` were read at `clock` and written by the same slot at `clock - delta`;
//                `places`: descriptor of the read 24 | of the write 24 | delta 16
//   with an overflow record:
//     | 1 |lck| version 15 | address of the record 47 |
//
// A cell is changed by who has set `lck` by compare-and-swap; simultaneous first accesses meet there.
#pragma once

#include <atomic>
#include <cstdint>

namespace interlock::race {

struct cell {
    std::uint64_t head;
    std::uint64_t places;
};

/// Number of an access descriptor: where, in which calling context, holding what (contexts.hpp).
using descriptor = std::uint32_t;
inline constexpr unsigned descriptor_bits = 24;

namespace head_bits {
inline constexpr std::uint64_t overflow = std::uint64_t{1} << 63;
inline constexpr std::uint64_t locked = std::uint64_t{1} << 62;
inline constexpr std::uint64_t two = std::uint64_t{1} << 61;
inline constexpr unsigned slot_shift = 49;
inline constexpr unsigned slot_bits = 12;
inline constexpr unsigned clock_shift = 17;
inline constexpr std::uint64_t atomic = std::uint64_t{1} << 16;
inline constexpr unsigned written_shift = 8;
inline constexpr std::uint64_t bytes = 0xffff;
inline constexpr std::uint64_t nobodys = two | bytes;
}  // namespace head_bits

inline constexpr std::uint32_t slots_max = 1u << head_bits::slot_bits;
inline constexpr std::uint32_t clock_max = 0xffff'ffff;

/// Slot and clock as they stand in a head.
constexpr std::uint64_t stamp_of(std::uint32_t slot, std::uint32_t clock) noexcept {
    return std::uint64_t{slot} << head_bits::slot_shift | std::uint64_t{clock} << head_bits::clock_shift;
}
constexpr std::uint32_t slot_of(std::uint64_t stamp) noexcept {
    return static_cast<std::uint32_t>(stamp >> head_bits::slot_shift) & (slots_max - 1);
}
constexpr std::uint32_t clock_of(std::uint64_t stamp) noexcept {
    return static_cast<std::uint32_t>(stamp >> head_bits::clock_shift);
}
constexpr std::uint32_t written_of(std::uint64_t stamp) noexcept {
    return static_cast<std::uint32_t>(stamp >> head_bits::written_shift) & 0xff;
}
constexpr std::uint32_t read_of(std::uint64_t stamp) noexcept { return static_cast<std::uint32_t>(stamp) & 0xff; }

/// The bytes of an access of `size` at `offset` in its cell. Precondition: they lie in it.
constexpr std::uint32_t bytes_of(unsigned offset, unsigned size) noexcept { return ((1u << size) - 1) << offset; }

/// What of `head ^ own` must be zero for an access to be covered, `own` being a thread's stamp with `two` and every byte set. Whether
/// the cell is locked does not matter: whoever changes it sees what covers the access. Where the access reaches into the next cell it is never zero,
/// for no head has both `two` and written bytes.
constexpr std::uint64_t coverage_mask(unsigned offset, unsigned size, bool writes) noexcept {
    if (offset + size > 8) return ~std::uint64_t{0};
    const std::uint64_t needed = bytes_of(offset, size);
    return ~(head_bits::two | head_bits::locked | head_bits::bytes) |
           (writes ? needed << head_bits::written_shift : needed);
}

/// One access, or several of one epoch and place: slot, clock, atomic and bytes as in a head.
struct access_entry {
    std::uint64_t stamp;
    descriptor place;
    std::uint32_t unused;
};

inline std::uint64_t load_head(const cell& at) noexcept {
    // acquire: pairs with the release store in unlock_cell(), for the record that the head may point to
    return __atomic_load_n(&at.head, __ATOMIC_ACQUIRE);
}

}  // namespace interlock::race
