// Pairs to ids: the same for the same pair whoever asks, and never another's, while the table grows.
#include "instrument/race/pair_table.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <set>
#include <thread>
#include <vector>

namespace interlock::race {
namespace {

TEST(pair_table, gives_all_threads_one_id_a_pair_while_it_grows) {
    constexpr std::uint32_t pairs = 20'000;
    constexpr std::size_t threads_count = 4;
    static constinit pair_table table{1u << 20};
    std::vector<std::vector<std::uint32_t>> ids(threads_count, std::vector<std::uint32_t>(pairs));
    std::barrier start(threads_count);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < threads_count; ++t)
        threads.emplace_back([&, t] {
            start.arrive_and_wait();
            for (std::uint32_t i = 0; i < pairs; ++i) {
                const auto which = static_cast<std::uint32_t>((i + t * 7) % pairs);
                ids[t][which] = table.intern(which % 100, which);
            }
        });
    for (std::thread& each : threads) each.join();
    for (std::size_t t = 1; t < threads_count; ++t) EXPECT_EQ(ids[t], ids[0]);
    EXPECT_EQ(std::set<std::uint32_t>(ids[0].begin(), ids[0].end()).size(), pairs);
    EXPECT_EQ(table.size(), pairs);
    for (std::uint32_t i = 0; i < pairs; ++i) {
        ASSERT_EQ(table[ids[0][i]].first, i % 100);
        ASSERT_EQ(table[ids[0][i]].second, i);
    }
}

TEST(pair_table, a_full_one_gives_no_more_ids_and_keeps_those_it_gave) {
    static constinit pair_table table{10};
    std::uint32_t given = 0;
    while (table.intern(1, given) != 0) ++given;
    EXPECT_EQ(given, 9u);
    for (std::uint32_t i = 0; i < given; ++i) EXPECT_EQ(table.intern(1, i), i + 1);
    EXPECT_EQ(table.intern(2, 0), 0u);
}

}  // namespace
}  // namespace interlock::race
