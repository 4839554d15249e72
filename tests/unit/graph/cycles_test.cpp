// The enumeration of cycles against a naive oracle, its order, its bounds, and the sizes that must stay quick.
#include "analysis/graph/cycles.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace interlock::graph {
namespace {

using link = std::pair<std::uint32_t, std::uint32_t>;

digraph graph_of(std::size_t nodes, const std::vector<link>& links) {
    std::vector<std::uint32_t> order;
    return make_digraph(nodes, links, order);
}

/// The nodes of a cycle, from its least one.
std::vector<std::uint32_t> nodes_of(const digraph& g, const cycle& walk) {
    std::vector<std::uint32_t> nodes;
    for (const std::uint32_t edge : walk) nodes.push_back(g.source(edge));
    return nodes;
}

/// Every simple cycle, by trying every simple walk: slow, and too simple to be wrong in the same way.
void try_all(const std::set<link>& links, std::vector<std::uint32_t>& walk, std::size_t nodes,
             std::set<std::vector<std::uint32_t>>& found) {
    if (links.contains({walk.back(), walk.front()})) found.insert(walk);
    for (std::uint32_t v = walk.front() + 1; v < nodes; ++v) {
        if (!links.contains({walk.back(), v}) || std::find(walk.begin(), walk.end(), v) != walk.end()) continue;
        walk.push_back(v);
        try_all(links, walk, nodes, found);
        walk.pop_back();
    }
}

std::vector<link> ring(std::uint32_t length) {
    std::vector<link> links;
    for (std::uint32_t v = 0; v < length; ++v) links.emplace_back(v, (v + 1) % length);
    return links;
}

TEST(cycles, are_those_of_a_naive_search_on_random_graphs) {
    std::mt19937 random{20230617};
    for (int round = 0; round < 2000; ++round) {
        const std::size_t nodes = 1 + random() % 7;
        std::set<link> links;
        const std::size_t wanted = random() % (nodes * nodes + 1);
        for (std::size_t i = 0; i < wanted; ++i) {
            links.emplace(static_cast<std::uint32_t>(random() % nodes), static_cast<std::uint32_t>(random() % nodes));
        }
        std::set<std::vector<std::uint32_t>> expected;
        for (std::uint32_t start = 0; start < nodes; ++start) {
            std::vector<std::uint32_t> walk{start};
            try_all(links, walk, nodes, expected);
        }
        const digraph g = graph_of(nodes, {links.begin(), links.end()});
        const cycle_list found = shortest_cycles(g, {1'000'000, 1'000'000'000});
        ASSERT_TRUE(found.complete);
        std::set<std::vector<std::uint32_t>> given;
        std::size_t last = 0;
        for (const cycle& walk : found.cycles) {
            ASSERT_GE(walk.size(), last) << "shortest first";
            last = walk.size();
            ASSERT_TRUE(given.insert(nodes_of(g, walk)).second) << "a repeat";
            for (std::size_t i = 0; i < walk.size(); ++i) {
                ASSERT_EQ(g.target[walk[i]], g.source(walk[(i + 1) % walk.size()])) << "not a walk";
            }
        }
        ASSERT_EQ(given, expected) << "round " << round;
    }
}

TEST(cycles, of_rings_are_one_each) {
    for (const std::uint32_t length : {1u, 2u, 5u, 30u, 100u, 10'000u}) {
        const cycle_list found = shortest_cycles(graph_of(length, ring(length)), {});
        ASSERT_EQ(found.cycles.size(), 1u) << length;
        EXPECT_EQ(found.cycles[0].size(), length);
        EXPECT_TRUE(found.complete);
    }
}

TEST(cycles, that_are_short_are_found_in_a_great_component) {
    // A ring of 100,000 with one chord back: the cycle of length three must not drown in the long one.
    std::vector<link> links = ring(100'000);
    links.emplace_back(70'002, 70'000);
    cycle_bounds bounds;
    const cycle_list found = shortest_cycles(graph_of(100'000, links), bounds);
    ASSERT_FALSE(found.cycles.empty());
    EXPECT_EQ(found.cycles[0].size(), 3u);
}

TEST(cycles, beyond_the_bound_are_counted) {
    std::vector<link> links;
    for (std::uint32_t a = 0; a < 7; ++a) {
        for (std::uint32_t b = 0; b < 7; ++b) {
            if (a != b) links.emplace_back(a, b);
        }
    }
    const digraph g = graph_of(7, links);
    const std::size_t all = shortest_cycles(g, {1'000'000, 1'000'000'000}).cycles.size();
    const cycle_list some = shortest_cycles(g, {10, 1'000'000'000});
    EXPECT_EQ(some.cycles.size(), 10u);
    EXPECT_EQ(some.left_out, all - 10);
    EXPECT_FALSE(some.complete);
    for (const cycle& walk : some.cycles) EXPECT_EQ(walk.size(), 2u);
    EXPECT_FALSE(shortest_cycles(g, {1'000'000, 100}).complete) << "the steps ran out, and it says so";
}

TEST(cycles, keep_to_the_filter) {
    const digraph g = graph_of(3, {{0, 1}, {1, 0}, {1, 2}, {2, 0}});
    const auto no_edge_to_two = [&](std::span<const std::uint32_t>, std::uint32_t edge) { return g.target[edge] != 2; };
    const cycle_list found = shortest_cycles(g, {}, no_edge_to_two);
    ASSERT_EQ(found.cycles.size(), 1u);
    EXPECT_EQ(found.cycles[0].size(), 2u);
}

}  // namespace
}  // namespace interlock::graph
