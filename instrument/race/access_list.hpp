// The accesses of one cell as a list, whatever way it is kept, and the rules by which the list changes. Works on a copy; the cell is
// locked meanwhile (access.cpp).
#pragma once

#include "instrument/race/cell.hpp"
#include "instrument/race/records.hpp"

namespace interlock::race {

/// Up to 2 entries from a head without a record.
inline std::uint32_t unpack(const cell& from, std::uint64_t head, access_entry* out) noexcept {
    using namespace head_bits;
    if ((head & bytes) == 0) return 0;
    constexpr std::uint64_t lower = 0x0f0f;
    constexpr std::uint64_t upper = 0xf0f0;
    constexpr std::uint64_t place_mask = (1u << descriptor_bits) - 1;
    const std::uint64_t base = head & ~(two | locked | overflow | bytes);
    if ((head & two) != 0) {
        const std::uint64_t read = head & 0xff;
        const std::uint64_t delta = from.places & 0xffff;
        out[0] = {base | read, static_cast<descriptor>(from.places >> 40 & place_mask), 0};
        out[1] = {(base - (delta << clock_shift)) | read << written_shift | read,
                  static_cast<descriptor>(from.places >> 16 & place_mask), 0};
        return 2;
    }
    const auto low = static_cast<descriptor>(from.places);
    const auto high = static_cast<descriptor>(from.places >> 32);
    if (low == high || (head & upper) == 0) {
        out[0] = {base | (head & bytes), low, 0};
        return 1;
    }
    if ((head & lower) == 0) {
        out[0] = {base | (head & bytes), high, 0};
        return 1;
    }
    out[0] = {base | (head & lower), low, 0};
    out[1] = {base | (head & upper), high, 0};
    return 2;
}

/// A head without a record for these entries; 0: they need one. Sets `places`.
inline std::uint64_t pack(const access_entry* entries, std::uint32_t count, std::uint64_t& places) noexcept {
    using namespace head_bits;
    constexpr std::uint64_t upper = 0xf0f0;
    if (count == 1) {
        places = std::uint64_t{entries[0].place} << 32 | entries[0].place;
        return entries[0].stamp;
    }
    if (count != 2) return 0;
    const access_entry& a = entries[0];
    const access_entry& b = entries[1];
    if ((a.stamp & ~bytes) == (b.stamp & ~bytes)) {  // one epoch: each has a half to itself
        const bool a_low = (a.stamp & bytes & upper) == 0 && (b.stamp & bytes & ~upper) == 0;
        const bool b_low = (b.stamp & bytes & upper) == 0 && (a.stamp & bytes & ~upper) == 0;
        if (!a_low && !b_low) return 0;
        const access_entry& low = a_low ? a : b;
        const access_entry& high = a_low ? b : a;
        places = std::uint64_t{high.place} << 32 | low.place;
        return a.stamp | b.stamp;
    }
    // Written, then read in a later epoch, the same bytes by one thread.
    const access_entry& read = clock_of(a.stamp) > clock_of(b.stamp) ? a : b;
    const access_entry& written = clock_of(a.stamp) > clock_of(b.stamp) ? b : a;
    const std::uint32_t delta = clock_of(read.stamp) - clock_of(written.stamp);
    if (slot_of(a.stamp) != slot_of(b.stamp) || delta > 0xffff || ((a.stamp ^ b.stamp) & atomic) != 0 ||
        written_of(read.stamp) != 0 || read_of(read.stamp) != read_of(written.stamp) ||
        written_of(written.stamp) != read_of(written.stamp))
        return 0;
    places = std::uint64_t{read.place} << 40 | std::uint64_t{written.place} << 16 | delta;
    return read.stamp | two;
}

/// Do these bytes conflict: they meet, one of the two writes, and not both are atomic.
inline bool conflict(std::uint64_t earlier, std::uint64_t later) noexcept {
    if ((earlier & later & head_bits::atomic) != 0) return false;
    return (written_of(earlier) & read_of(later)) != 0 || (written_of(later) & read_of(earlier)) != 0;
}

/// What is left of `earlier`, which is ordered before `later`: a later conflict with what is cut off is one with `later` too.
inline std::uint64_t remainder(std::uint64_t earlier, std::uint64_t later) noexcept {
    // An atomic access says nothing to other atomics, so it does not stand for a plain one.
    if ((later & head_bits::atomic) != 0 && (earlier & head_bits::atomic) == 0) return earlier;
    const std::uint32_t written = written_of(earlier) & ~written_of(later);
    const std::uint32_t read = (read_of(earlier) & ~read_of(later)) | written;
    return (earlier & ~head_bits::bytes) | std::uint64_t{written} << head_bits::written_shift | read;
}

}  // namespace interlock::race
