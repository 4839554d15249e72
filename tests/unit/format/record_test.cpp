// The lead and continuation slots: the worked example of record.hpp, round trips, and what damage cannot hide.
#include "instrument/format/record.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace interlock::format {
namespace {

TEST(slot, is_the_worked_example_of_its_header) {
    const slot written = encode(event_kind::acquire, lock_flags::contended, site_id{3}, 5, 7, 9);
    EXPECT_EQ(written.word1, 0x0000'0009'0000'0007u);
    EXPECT_EQ(written.word0, 0x0000'5000'0308'3323u);
}

TEST(slot, gives_back_what_was_encoded_at_the_limits_of_each_field) {
    for (const std::uint64_t ticks : {std::uint64_t{0}, std::uint64_t{1}, ticks_limit - 1}) {
        for (const std::uint32_t site : {0u, 1u, site_limit - 1}) {
            for (const std::uint32_t word : {0u, 1u, 0xffff'ffffu}) {
                const slot written = encode(event_kind::release, 0xff, site_id{site}, ticks, word, ~word);
                EXPECT_TRUE(is_written(written));
                EXPECT_TRUE(is_intact(written));
                EXPECT_EQ(kind_of(written), event_kind::release);
                EXPECT_EQ(flags_of(written), 0xff);
                EXPECT_EQ(site_of(written), site_id{site});
                EXPECT_EQ(ticks_of(written), ticks);
                EXPECT_EQ(object_of(written), word);
                EXPECT_EQ(sequence_of(written), ~word);
            }
        }
    }
}

TEST(slot, keeps_a_64_bit_operand_whole) {
    const std::uint64_t operand = 0xfedc'ba98'7654'3210;
    EXPECT_EQ(operand_of(encode_operand(event_kind::time, 0, site_id::none, 0, operand)), operand);
}

TEST(slot, of_zeros_is_not_written) { EXPECT_FALSE(is_written(slot{})); }

TEST(slot, shows_every_flip_of_a_single_bit) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 2'000; ++round) {
        const slot written = encode(event_kind::acquire, static_cast<std::uint8_t>(random()),
                                    site_id{static_cast<std::uint32_t>(random() % site_limit)}, random() % ticks_limit,
                                    static_cast<std::uint32_t>(random()), static_cast<std::uint32_t>(random()));
        for (int bit = 0; bit < 64; ++bit) {
            const std::uint64_t flip = std::uint64_t{1} << bit;
            ASSERT_FALSE(is_intact({written.word0 ^ flip, written.word1})) << "word 0, bit " << bit;
            ASSERT_FALSE(is_intact({written.word0, written.word1 ^ flip})) << "word 1, bit " << bit;
        }
    }
}

TEST(slot, shows_almost_all_other_damage) {
    std::mt19937_64 random(2);
    int unseen = 0;
    constexpr int slots = 100'000;
    for (int round = 0; round < slots; ++round) unseen += is_intact({random(), random()}) ? 1 : 0;
    EXPECT_LT(unseen, slots / 200);  // one in 256 is what eight bits can do
    EXPECT_GT(unseen, slots / 320);  // and a check that refused everything would fail here
}

TEST(continuation_slot, gives_back_112_bits) {
    const slot written = encode_continuation(narrow_mask, ~std::uint64_t{0});
    EXPECT_EQ(kind_of(written), event_kind::continuation);
    EXPECT_TRUE(is_intact(written));
    EXPECT_EQ(narrow_of(written), narrow_mask);
    EXPECT_EQ(wide_of(written), ~std::uint64_t{0});
}

}  // namespace
}  // namespace interlock::format
