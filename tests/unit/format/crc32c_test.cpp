// The checksum against the vectors of RFC 3720 B.4, and the processor's way against the table's.
#include "instrument/format/crc32c.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <vector>

namespace interlock::format {
namespace {

TEST(crc32c, is_that_of_rfc_3720) {
    std::array<std::uint8_t, 32> bytes{};
    EXPECT_EQ(crc32c(bytes.data(), bytes.size()), 0x8a91'36aau);
    bytes.fill(0xff);
    EXPECT_EQ(crc32c(bytes.data(), bytes.size()), 0x62a8'ab43u);
    for (std::size_t at = 0; at < bytes.size(); ++at) bytes[at] = static_cast<std::uint8_t>(at);
    EXPECT_EQ(crc32c(bytes.data(), bytes.size()), 0x46dd'794eu);
    EXPECT_EQ(crc32c("123456789", 9), 0xe306'9283u);
    EXPECT_EQ(crc32c("", 0), 0u);
}

TEST(crc32c, is_the_same_by_table_and_by_instruction_at_every_length_and_offset) {
    std::mt19937_64 random(3);
    std::vector<std::uint8_t> bytes(300);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    for (std::size_t offset = 0; offset < 9; ++offset)
        for (std::size_t size = 0; size + offset <= bytes.size(); ++size)
            ASSERT_EQ(crc32c(bytes.data() + offset, size), crc32c_portable(bytes.data() + offset, size));
}

TEST(crc32c, is_the_same_by_table_and_by_instruction_where_streams_run_side_by_side) {
    std::mt19937_64 random(5);
    std::vector<std::uint8_t> bytes(4 * 3 * 1024 + 64);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    for (std::size_t size = 3 * 1024 - 9; size <= bytes.size(); size += size % 3072 < 10 ? 1 : 509)
        ASSERT_EQ(crc32c(bytes.data(), size, 77), crc32c_portable(bytes.data(), size, 77)) << size;
}

TEST(crc32c, continues_where_it_stopped) {
    const std::uint32_t begun = crc32c("1234", 4);
    EXPECT_EQ(crc32c("56789", 5, begun), crc32c("123456789", 9));
}

}  // namespace
}  // namespace interlock::format
