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

}  // namespace

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
