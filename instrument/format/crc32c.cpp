#include "instrument/format/crc32c.hpp"

#include <array>
#include <cstring>

namespace interlock::format {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() noexcept {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82F6'3B78u : 0u);
        table[byte] = value;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> table = make_table();

#if defined(__x86_64__)
// The instruction takes three cycles, and a new one may begin at each: three streams side by side. What comes of the first is then carried
// over the bytes of the second, which is linear in its bits, and so on (V. Gopal et al., Fast CRC Computation for iSCSI Polynomial
// Using CRC32 Instruction, Intel 2011).

constexpr std::size_t stream_size = 1024;  // bytes

/// By byte of a checksum, and by that byte's value: what becomes of it by stream_size bytes of zeros.
using carry_table = std::array<std::array<std::uint32_t, 256>, 4>;
constexpr carry_table make_carry() noexcept {
    std::array<std::uint32_t, 32> of_bit{};
    for (std::uint32_t bit = 0; bit < 32; ++bit) {
        std::uint32_t value = std::uint32_t{1} << bit;
        for (std::size_t i = 0; i < stream_size; ++i) value = (value >> 8) ^ table[value & 0xff];
        of_bit[bit] = value;
    }
    carry_table carry{};
    for (std::uint32_t byte = 0; byte < 4; ++byte)
        for (std::uint32_t value = 0; value < 256; ++value)
            for (std::uint32_t bit = 0; bit < 8; ++bit)
                if ((value >> bit & 1) != 0) carry[byte][value] ^= of_bit[8 * byte + bit];
    return carry;
}

constexpr carry_table carry = make_carry();

std::uint64_t carried(std::uint64_t crc) noexcept {
    return carry[0][crc & 0xff] ^ carry[1][crc >> 8 & 0xff] ^ carry[2][crc >> 16 & 0xff] ^ carry[3][crc >> 24 & 0xff];
}

std::uint64_t word_at(const unsigned char* bytes) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(const unsigned char* bytes, std::size_t size,
                                                             std::uint32_t crc) noexcept {
    std::uint64_t state = static_cast<std::uint32_t>(~crc);
    for (; size >= 3 * stream_size; size -= 3 * stream_size, bytes += 3 * stream_size) {
        std::uint64_t second = 0;
        std::uint64_t third = 0;
        for (const unsigned char* at = bytes; at != bytes + stream_size; at += 8) {
            state = __builtin_ia32_crc32di(state, word_at(at));
            second = __builtin_ia32_crc32di(second, word_at(at + stream_size));
            third = __builtin_ia32_crc32di(third, word_at(at + 2 * stream_size));
        }
        state = carried(carried(state) ^ second) ^ third;
    }
    for (; size >= 8; size -= 8, bytes += 8) state = __builtin_ia32_crc32di(state, word_at(bytes));
    auto narrow = static_cast<std::uint32_t>(state);
    for (; size != 0; --size, ++bytes) narrow = __builtin_ia32_crc32qi(narrow, *bytes);
    return ~narrow;
}
#endif

}  // namespace

std::uint32_t crc32c_portable(const void* data, std::size_t size, std::uint32_t crc) noexcept {
    const auto* bytes = static_cast<const unsigned char*>(data);
    crc = ~crc;
    for (; size != 0; --size, ++bytes) crc = (crc >> 8) ^ table[(crc ^ *bytes) & 0xff];
    return ~crc;
}

std::uint32_t crc32c(const void* data, std::size_t size, std::uint32_t crc) noexcept {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2") != 0) return crc32c_sse42(static_cast<const unsigned char*>(data), size, crc);
#endif
    return crc32c_portable(data, size, crc);
}

}  // namespace interlock::format
