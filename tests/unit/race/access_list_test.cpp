// What a cell says of its accesses: packed and unpacked without loss, and ordered accesses subsumed byte by byte.
#include "instrument/race/access_list.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>
#include <vector>

namespace interlock::race {
namespace {

access_entry entry(std::uint32_t slot, std::uint32_t clock, std::uint32_t written, std::uint32_t read, descriptor place,
                   bool atomic = false) {
    return {stamp_of(slot, clock) | (atomic ? head_bits::atomic : 0) |
                std::uint64_t{written} << head_bits::written_shift | read | written,
            place, 0};
}

/// The same facts, one a byte: (epoch, place) of who wrote it and who read it.
using fact_set = std::set<std::pair<std::uint64_t, descriptor>>;
std::vector<fact_set> facts(const access_entry* entries, std::uint32_t count) {
    std::vector<fact_set> all(16);
    for (std::uint32_t i = 0; i < count; ++i)
        for (unsigned bit = 0; bit < 16; ++bit)
            if ((entries[i].stamp >> bit & 1) != 0)
                all[bit].insert({entries[i].stamp & ~head_bits::bytes, entries[i].place});
    return all;
}

TEST(access_list, what_a_cell_has_room_for_comes_back_as_it_was) {
    std::mt19937 engine(1);
    const auto random = [&] { return static_cast<std::uint32_t>(engine()); };
    std::uint32_t kept = 0;
    for (int round = 0; round < 200'000; ++round) {
        const auto slot = 1 + random() % 3;
        const auto clock = 1 + random() % 4 * 20'000;
        access_entry given[2];
        const std::uint32_t count = 1 + random() % 2;
        const auto written = random() % 3 == 0 ? random() % 256 : 0;
        const std::uint32_t both = random() % 4 == 0 ? 0xff : 0x0f;
        given[0] = entry(slot, clock, written & both, (1 + random() % 255) & both, random() % (1u << descriptor_bits));
        given[1] =
            entry(random() % 4 == 0 ? slot + 1 : slot, random() % 2 == 0 ? clock : clock + random() % 70'000,
                  random() % 2 == 0 ? read_of(given[0].stamp) : 0, random() % 2 == 0 ? 0xf0 : read_of(given[0].stamp),
                  random() % (1u << descriptor_bits), random() % 8 == 0);
        if (read_of(given[0].stamp) == 0) continue;
        cell made{};
        made.head = pack(given, count, made.places);
        if (made.head == 0) continue;
        ++kept;
        access_entry back[2];
        const std::uint32_t found = unpack(made, made.head, back);
        ASSERT_EQ(facts(back, found), facts(given, count));
    }
    EXPECT_GT(kept, 10'000u);
}

TEST(access_list, the_fast_way_takes_what_the_cell_says_of_each_byte_and_nothing_else) {
    const std::uint64_t own = stamp_of(7, 9) | head_bits::nobodys;
    const std::uint64_t others[] = {stamp_of(8, 9), stamp_of(7, 8), stamp_of(7, 9) | head_bits::atomic,
                                    stamp_of(7, 9) | head_bits::overflow};
    for (const unsigned size : {1u, 2u, 4u, 8u})
        for (unsigned offset = 0; offset < 8; ++offset)
            for (const bool writes : {false, true}) {
                const std::uint64_t mask = coverage_mask(offset, size, writes);
                for (std::uint32_t read = 0; read < 256; ++read)
                    for (const std::uint32_t written : {0u, read & 0x0f, read & 0xf0, read & 0x3c, read}) {
                        const std::uint64_t bytes = std::uint64_t{written} << head_bits::written_shift | read;
                        bool all = offset + size <= 8;
                        for (unsigned byte = offset; byte < offset + size && all; ++byte)
                            all = ((writes ? written : read) >> byte & 1) != 0;
                        ASSERT_EQ((((stamp_of(7, 9) | bytes) ^ own) & mask) == 0, all);
                        for (const std::uint64_t other : others) ASSERT_NE(((other | bytes) ^ own) & mask, 0u);
                        if (written == 0) {
                            const std::uint64_t two = stamp_of(7, 9) | head_bits::two | bytes;
                            ASSERT_EQ(((two ^ own) & mask) == 0, all && !writes);
                        }
                    }
            }
}

TEST(access_list, an_empty_cell_has_no_access) {
    const cell empty{};
    access_entry none[2];
    EXPECT_EQ(unpack(empty, 0, none), 0u);
}

TEST(access_list, a_clock_too_far_back_needs_a_record) {
    const access_entry far[] = {entry(1, 100'000, 0, 0xff, 1), entry(1, 100'000 - 0x10000, 0xff, 0xff, 2)};
    const access_entry near[] = {entry(1, 100'000, 0, 0xff, 1), entry(1, 100'000 - 0xffff, 0xff, 0xff, 2)};
    std::uint64_t places = 0;
    EXPECT_EQ(pack(far, 2, places), 0u);
    EXPECT_NE(pack(near, 2, places), 0u);
}

TEST(access_list, accesses_conflict_where_their_bytes_meet_and_one_writes) {
    EXPECT_TRUE(conflict(entry(1, 1, 0x01, 0, 1).stamp, entry(2, 1, 0, 0xff, 1).stamp));
    EXPECT_TRUE(conflict(entry(1, 1, 0, 0x80, 1).stamp, entry(2, 1, 0x80, 0, 1).stamp));
    EXPECT_FALSE(conflict(entry(1, 1, 0x0f, 0, 1).stamp, entry(2, 1, 0xf0, 0, 1).stamp));
    EXPECT_FALSE(conflict(entry(1, 1, 0, 0xff, 1).stamp, entry(2, 1, 0, 0xff, 1).stamp));
    EXPECT_FALSE(conflict(entry(1, 1, 0xff, 0, 1, true).stamp, entry(2, 1, 0xff, 0, 1, true).stamp));
    EXPECT_TRUE(conflict(entry(1, 1, 0xff, 0, 1, true).stamp, entry(2, 1, 0, 0xff, 1).stamp));
}

TEST(access_list, a_later_access_leaves_of_an_earlier_what_it_does_not_stand_for) {
    const auto left = [](const access_entry& earlier, const access_entry& later) {
        return remainder(earlier.stamp, later.stamp) & head_bits::bytes;
    };
    EXPECT_EQ(left(entry(1, 1, 0x0f, 0, 1), entry(2, 1, 0x03, 0, 1)), 0x0c0cu);
    EXPECT_EQ(left(entry(1, 1, 0x0f, 0, 1), entry(2, 1, 0, 0x0f, 1)), 0x0f0fu);  // a write stays for other readers
    EXPECT_EQ(left(entry(1, 1, 0, 0x0f, 1), entry(2, 1, 0, 0x0f, 1)), 0u);
    EXPECT_EQ(left(entry(1, 1, 0x0f, 0, 1), entry(2, 1, 0x0f, 0, 1, true)), 0x0f0fu);
    EXPECT_EQ(left(entry(1, 1, 0x0f, 0, 1, true), entry(2, 1, 0x0f, 0, 1)), 0u);
}

}  // namespace
}  // namespace interlock::race
