// The 16-byte slot, unit of all that a log records, and its codec. Pure: no memory but its arguments, no state.
//
// A record is a lead slot, followed for some kinds by continuation slots (payload.hpp). A slot is committed by the
// release store of its first word, so a word 0 of zero means "not written yet"; the reader's acquire load pairs with it.
//
// Lead slot
//
//      word 0                                                     word 1
//      63        44 43        24 23      16 15       8 7       0   63            32 31             0
//     +------------+------------+----------+----------+---------+ +----------------+----------------+
//     |  ticks 20  |  site 20   | flags 8  | check 8  | kind 8  | |  sequence 32   |   object 32    |
//     +------------+------------+----------+----------+---------+ +----------------+----------------+
//
// Kinds whose comment in event.hpp says "operand" use the whole of word 1 as one 64-bit number.
//
// Continuation slot
//
//      63                                16 15       8 7       0   63                              0
//     +------------------------------------+----------+---------+ +---------------------------------+
//     |            narrow 48               | check 8  |    1    | |             wide 64             |
//     +------------------------------------+----------+---------+ +---------------------------------+
//
// ticks: time since the agent's previous record, in units of 2^tick_shift (file header) of the time-stamp counter; 0 where
//        time is not recorded; a gap that does not fit is written as a `time` record first.
// check: 8 bits over both words (check_of), so that no flip of a single bit goes unseen, even in a chunk without a CRC.
//
// Worked example: agent acquires lock 7 exclusively, contended, at site 3, 5 ticks after its last record, 9th operation on it
//     kind 35 = 0x23, flags contended = 0x08, site 3, ticks 5, object 7, sequence 9
//     word 1 = 0x0000'0009'0000'0007
//     word 0 = 0x0000'5000'0308'3323        0x33 = check_of(word 0 without check, word 1)
#pragma once

#include <bit>
#include <cstdint>

#include "instrument/format/event.hpp"
#include "instrument/format/ids.hpp"

namespace interlock::format {

struct slot {
    std::uint64_t word0 = 0;
    std::uint64_t word1 = 0;

    friend bool operator==(const slot&, const slot&) = default;
};
static_assert(sizeof(slot) == 16);

inline constexpr std::uint32_t site_bits = 20;
inline constexpr std::uint32_t site_limit = 1u << site_bits;  // ids below it fit
inline constexpr std::uint32_t ticks_bits = 20;
inline constexpr std::uint64_t ticks_limit = 1u << ticks_bits;  // gaps below it fit
inline constexpr std::uint64_t narrow_mask = (std::uint64_t{1} << 48) - 1;

/// Odd, and without eight equal bits in a row: the top byte of (x ^ 2^i) * multiplier differs from that of x * multiplier for
/// every i, which is what makes check_of see each single flipped bit (record_test holds it against this claim).
inline constexpr std::uint64_t check_multiplier = 0x9E37'79B9'7F4A'7C15;

/// 8 check bits over both words; the check field of `word0` is ignored.
constexpr std::uint64_t check_of(std::uint64_t word0, std::uint64_t word1) noexcept {
    return (((word0 & ~std::uint64_t{0xff00}) ^ std::rotl(word1, 29)) * check_multiplier) >> 56;
}

constexpr slot checked(std::uint64_t word0_without_check, std::uint64_t word1) noexcept {
    return {word0_without_check | check_of(word0_without_check, word1) << 8, word1};
}

/// A lead slot. Precondition: `site` < site_limit, `ticks` < ticks_limit, `kind` is a lead kind.
constexpr slot encode(event_kind kind, std::uint8_t flags, site_id site, std::uint64_t ticks, std::uint32_t object,
                      std::uint32_t sequence) noexcept {
    return checked(
        static_cast<std::uint64_t>(kind) | std::uint64_t{flags} << 16 | std::uint64_t{number(site)} << 24 | ticks << 44,
        std::uint64_t{sequence} << 32 | object);
}

/// A lead slot whose word 1 is one number.
constexpr slot encode_operand(event_kind kind, std::uint8_t flags, site_id site, std::uint64_t ticks,
                              std::uint64_t operand) noexcept {
    return encode(kind, flags, site, ticks, static_cast<std::uint32_t>(operand),
                  static_cast<std::uint32_t>(operand >> 32));
}

/// A continuation slot. Precondition: `narrow` fits in 48 bits.
constexpr slot encode_continuation(std::uint64_t narrow, std::uint64_t wide) noexcept {
    return checked(static_cast<std::uint64_t>(event_kind::continuation) | narrow << 16, wide);
}

constexpr bool is_written(const slot& s) noexcept { return (s.word0 & 0xff) != 0; }
constexpr bool is_intact(const slot& s) noexcept { return (s.word0 >> 8 & 0xff) == check_of(s.word0, s.word1); }

constexpr event_kind kind_of(const slot& s) noexcept { return static_cast<event_kind>(s.word0 & 0xff); }
constexpr std::uint8_t flags_of(const slot& s) noexcept { return static_cast<std::uint8_t>(s.word0 >> 16); }
constexpr site_id site_of(const slot& s) noexcept {
    return site_id{static_cast<std::uint32_t>(s.word0 >> 24) & (site_limit - 1)};
}
constexpr std::uint32_t ticks_of(const slot& s) noexcept { return static_cast<std::uint32_t>(s.word0 >> 44); }
constexpr std::uint32_t object_of(const slot& s) noexcept { return static_cast<std::uint32_t>(s.word1); }
constexpr std::uint32_t sequence_of(const slot& s) noexcept { return static_cast<std::uint32_t>(s.word1 >> 32); }
constexpr std::uint64_t operand_of(const slot& s) noexcept { return s.word1; }
constexpr std::uint64_t narrow_of(const slot& s) noexcept { return s.word0 >> 16; }
constexpr std::uint64_t wide_of(const slot& s) noexcept { return s.word1; }

}  // namespace interlock::format
