#include "instrument/format/payload.hpp"

#include <algorithm>
#include <cstring>

namespace interlock::format {
namespace {

std::uint64_t load_bytes(const void* from, std::size_t count) noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, from, count);
    return value;
}

constexpr std::size_t side_slots = 3;

void encode_side(const race_access& side, slot* out) noexcept {
    out[0] = encode_continuation(side.address & narrow_mask, pair_of(number(side.stack), number(side.agent)));
    out[1] = encode_continuation(
        side.size | std::uint64_t{static_cast<std::uint8_t>(side.what)} << 16 | std::uint64_t{side.lock_count} << 24,
        pair_of(number(side.locks[0]), number(side.locks[1])));
    out[2] = encode_continuation(0, pair_of(number(side.locks[2]), number(side.locks[3])));
}

race_access decode_side(const slot* at) noexcept {
    race_access side;
    side.address = narrow_of(at[0]);
    side.stack = stack_id{low_of(wide_of(at[0]))};
    side.agent = agent_id{high_of(wide_of(at[0]))};
    side.size = static_cast<std::uint16_t>(narrow_of(at[1]));
    side.what = static_cast<access_kind>(
        std::min<std::uint64_t>(narrow_of(at[1]) >> 16 & 0xff, static_cast<std::uint64_t>(access_kind::free)));
    side.lock_count = static_cast<std::uint8_t>(narrow_of(at[1]) >> 24);
    for (std::size_t i = 0; i < race_locks_max; i += 2) {
        side.locks[i] = object_id{low_of(wide_of(at[1 + i / 2]))};
        side.locks[i + 1] = object_id{high_of(wide_of(at[1 + i / 2]))};
    }
    return side;
}

}  // namespace

std::array<slot, race_slots> encode(const race_payload& p) noexcept {
    std::array<slot, race_slots> slots;
    encode_side(p.later, slots.data());
    encode_side(p.earlier, slots.data() + side_slots);
    slots[6] = encode_continuation(p.begin & narrow_mask, p.size);
    slots[7] = encode_continuation(static_cast<std::uint64_t>(p.region) | std::uint64_t{number(p.owner)} << 8,
                                   pair_of(number(p.allocated_at), number(p.last_order)));
    return slots;
}

race_payload decode_race(std::span<const slot> slots) noexcept {
    race_payload p;
    p.later = decode_side(slots.data());
    p.earlier = decode_side(slots.data() + side_slots);
    p.begin = narrow_of(slots[6]);
    p.size = wide_of(slots[6]);
    p.region = static_cast<memory_region>(
        std::min<std::uint64_t>(narrow_of(slots[7]) & 0xff, static_cast<std::uint64_t>(memory_region::descriptor)));
    p.owner = agent_id{static_cast<std::uint32_t>(narrow_of(slots[7]) >> 8)};
    p.allocated_at = stack_id{low_of(wide_of(slots[7]))};
    p.last_order = object_id{high_of(wide_of(slots[7]))};
    return p;
}

std::array<slot, module_slots> encode(const module_payload& p) noexcept {
    const auto id_part = [&](std::size_t at) { return load_bytes(p.build_id.data() + at, 8); };
    return {encode_continuation(p.bias & narrow_mask, p.begin), encode_continuation(p.end & narrow_mask, id_part(0)),
            encode_continuation(number(p.path) | std::uint64_t{p.build_id_size} << 32, id_part(8)),
            encode_continuation(0, id_part(16))};
}

module_payload decode_module(std::span<const slot> slots) noexcept {
    module_payload p;
    p.bias = narrow_of(slots[0]);
    p.begin = wide_of(slots[0]);
    p.end = narrow_of(slots[1]);
    p.path = string_id{static_cast<std::uint32_t>(narrow_of(slots[2]))};
    p.build_id_size = static_cast<std::uint8_t>(std::min<std::uint64_t>(narrow_of(slots[2]) >> 32, p.build_id.size()));
    for (std::size_t part = 0; part < 3; ++part) {
        const std::uint64_t bytes = wide_of(slots[part + 1]);
        std::memcpy(p.build_id.data() + part * 8, &bytes, 8);
    }
    return p;
}

slot encode_string_slot(std::span<const char> bytes, std::size_t index) noexcept {
    const auto part = bytes.subspan(index * string_bytes_per_slot);
    const std::size_t wide = std::min<std::size_t>(part.size(), 8);
    const std::size_t narrow = std::min<std::size_t>(part.size() - wide, 6);
    return encode_continuation(load_bytes(part.data() + wide, narrow), load_bytes(part.data(), wide));
}

std::array<char, string_bytes_per_slot> decode_string_slot(const slot& s) noexcept {
    std::array<char, string_bytes_per_slot> bytes;
    const std::uint64_t wide = wide_of(s);
    const std::uint64_t narrow = narrow_of(s);
    std::memcpy(bytes.data(), &wide, 8);
    std::memcpy(bytes.data() + 8, &narrow, 6);
    return bytes;
}

}  // namespace interlock::format
