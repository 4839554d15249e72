// Words of a log that change while somebody reads them: sealed numbers, holds and wants. No flipped bit passes.
#include "instrument/format/layout.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace interlock::format {
namespace {

TEST(sealed_number, gives_back_48_bits) {
    for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, page_size, narrow_mask}) {
        EXPECT_TRUE(is_sealed(seal(value)));
        EXPECT_EQ(sealed_value(seal(value)), value);
    }
}

TEST(sealed_number, shows_every_flip_of_a_single_bit) {
    std::mt19937_64 random(4);
    for (int round = 0; round < 5'000; ++round) {
        const std::uint64_t word = seal(random());
        for (int bit = 0; bit < 64; ++bit) ASSERT_FALSE(is_sealed(word ^ std::uint64_t{1} << bit)) << bit;
    }
}

TEST(hold_word, gives_back_lock_flags_and_depth) {
    const std::uint64_t word = hold_word(object_id{0xffff'fffe}, lock_flags::shared, 0xffff);
    EXPECT_TRUE(is_hold_intact(word));
    EXPECT_EQ(hold_object(word), object_id{0xffff'fffe});
    EXPECT_EQ(hold_flags(word), lock_flags::shared);
    EXPECT_EQ(hold_depth(word), 0xffff);
}

TEST(hold_word, shows_every_flip_of_a_single_bit) {
    std::mt19937_64 random(5);
    for (int round = 0; round < 5'000; ++round) {
        const std::uint64_t bits = random();
        const std::uint64_t word =
            hold_word(object_id{static_cast<std::uint32_t>(bits)}, static_cast<std::uint8_t>(bits >> 32),
                      static_cast<std::uint16_t>(bits >> 40));
        for (int bit = 0; bit < 64; ++bit) ASSERT_FALSE(is_hold_intact(word ^ std::uint64_t{1} << bit)) << bit;
    }
}

TEST(hold_word, of_nothing_is_zero) { EXPECT_EQ(hold_word(object_id::none, 0, 0), 0u); }

TEST(want_word, names_the_operation_that_waits) {
    const std::uint64_t word = want_word(object_id{3}, lock_flags::timed, event_kind::join_request);
    EXPECT_TRUE(is_hold_intact(word));
    EXPECT_EQ(hold_object(word), object_id{3});
    EXPECT_EQ(want_operation(word), event_kind::join_request);
}

TEST(layout, has_magic_numbers_that_read_as_words_in_the_file) {
    const auto bytes = [](auto number) { return std::string(reinterpret_cast<const char*>(&number), sizeof number); };
    EXPECT_EQ(bytes(file_magic), "\x1a\nilklog");
    EXPECT_EQ(bytes(chunk_magic), "ilkc");
    EXPECT_EQ(bytes(state_magic), "ilks");
    EXPECT_EQ(bytes(spill_magic), "ilkp");
}

}  // namespace
}  // namespace interlock::format
