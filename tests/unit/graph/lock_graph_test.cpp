// The lock graph as such: interning, sizes, and its components against a naive closure.
#include "analysis/graph/lock_graph.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace interlock::graph {
namespace {

resource lock(std::uint32_t id) { return {id, false}; }

/// `agent` holds `locks` in this order and wants `wanted`.
void add(lock_graph& graph, segment_order& order, std::uint32_t agent, const std::vector<std::uint32_t>& locks,
         std::uint32_t wanted) {
    path_id path = path_id::empty;
    for (const std::uint32_t id : locks) path = graph.paths().extend(path, {lock(id), 0, {}, false});
    graph.add({format::agent_id{agent}, path, lock(wanted), 0, {}, {}}, order.now(format::agent_id{agent}));
}

/// Every request on the way to holding `locks` and then `wanted`, as a program makes them.
void nest(lock_graph& graph, segment_order& order, std::uint32_t agent, const std::vector<std::uint32_t>& locks) {
    for (std::size_t i = 1; i < locks.size(); ++i) {
        add(graph, order, agent, {locks.begin(), locks.begin() + static_cast<std::ptrdiff_t>(i)}, locks[i]);
    }
}

TEST(lock_graph, keeps_equal_dependencies_once) {
    lock_graph graph;
    segment_order order;
    add(graph, order, 1, {1, 2}, 3);
    add(graph, order, 1, {1, 2}, 3);
    add(graph, order, 1, {2, 1}, 3);
    EXPECT_EQ(graph.size(), 2u);
    EXPECT_EQ(graph.moments(dependency_index{0}).size(), 2u);
}

TEST(lock_graph, has_components_where_locks_reach_each_other_and_nowhere_else) {
    std::mt19937 random{5};
    for (int round = 0; round < 500; ++round) {
        lock_graph graph;
        segment_order order;
        constexpr std::uint32_t locks = 8;
        bool reaches[locks][locks] = {};
        for (std::uint32_t agent = 1; agent <= 4; ++agent) {
            std::vector<std::uint32_t> held;
            std::vector<std::uint32_t> free;
            for (std::uint32_t l = 0; l < locks; ++l) free.push_back(l);
            std::shuffle(free.begin(), free.end(), random);
            held.assign(free.begin(), free.begin() + 2 + static_cast<std::ptrdiff_t>(random() % 3));
            nest(graph, order, agent, held);
            for (std::size_t i = 0; i < held.size(); ++i) {
                for (std::size_t j = i + 1; j < held.size(); ++j) reaches[held[i]][held[j]] = true;
            }
        }
        const auto direct = [&](std::uint32_t a, std::uint32_t b) { return reaches[a][b]; };
        std::set<std::pair<std::uint32_t, std::uint32_t>> edges;
        for (std::uint32_t a = 0; a < locks; ++a) {
            for (std::uint32_t b = 0; b < locks; ++b) {
                if (direct(a, b)) edges.emplace(a, b);
            }
        }
        for (std::uint32_t k = 0; k < locks; ++k) {
            for (std::uint32_t i = 0; i < locks; ++i) {
                for (std::uint32_t j = 0; j < locks; ++j)
                    reaches[i][j] = reaches[i][j] || (reaches[i][k] && reaches[k][j]);
            }
        }
        std::set<std::pair<std::uint32_t, std::uint32_t>> expected;
        for (const auto& [a, b] : edges) {
            if (reaches[b][a]) expected.emplace(a, b);
        }
        const components parts = graph.cyclic({});
        std::set<std::pair<std::uint32_t, std::uint32_t>> given;
        for (const component& part : parts.blocking) {
            for (std::uint32_t e = 0; e < part.links.edges(); ++e) {
                given.emplace(part.locks[part.links.source(e)].id, part.locks[part.links.target[e]].id);
            }
        }
        ASSERT_EQ(given, expected) << round;
    }
}

TEST(lock_graph, of_ten_thousand_nested_locks_has_no_component_and_writes_no_edge_out) {
    lock_graph graph;
    segment_order order;
    path_id path = path_id::empty;
    for (std::uint32_t id = 1; id <= 10'000; ++id) {
        if (path != path_id::empty)
            graph.add({format::agent_id{1}, path, lock(id), 0, {}, {}}, order.now(format::agent_id{1}));
        path = graph.paths().extend(path, {lock(id), 0, {}, false});
    }
    const components parts = graph.cyclic({}, 10);
    EXPECT_TRUE(parts.complete);
    EXPECT_TRUE(parts.all.empty());
}

TEST(lock_graph, of_ten_thousand_nested_locks_and_one_inversion_keeps_its_shortest_cycle) {
    lock_graph graph;
    segment_order order;
    path_id path = path_id::empty;
    for (std::uint32_t id = 1; id <= 10'000; ++id) {
        if (path != path_id::empty) {
            graph.add({format::agent_id{1}, path, lock(id), 0, {}, {}}, order.now(format::agent_id{1}));
        }
        path = graph.paths().extend(path, {lock(id), 0, {}, false});
    }
    add(graph, order, 2, {10'000}, 1);
    const components parts = graph.cyclic({});
    EXPECT_FALSE(parts.complete);
    ASSERT_EQ(parts.blocking.size(), 1u);
    const cycle_list found = shortest_cycles(parts.blocking[0].links, {1, 20'000'000});
    ASSERT_FALSE(found.cycles.empty());
    EXPECT_EQ(found.cycles[0].size(), 2u);
}

TEST(lock_graph, of_a_hundred_thousand_locks_in_one_order_has_no_component) {
    lock_graph graph;
    segment_order order;
    for (std::uint32_t id = 1; id < 100'000; ++id) add(graph, order, 1 + id % 7, {id}, id + 1);
    EXPECT_TRUE(graph.cyclic({}, 10).all.empty());
    add(graph, order, 8, {100'000}, 1);
    const components parts = graph.cyclic({});
    ASSERT_EQ(parts.blocking.size(), 1u);
    EXPECT_EQ(parts.blocking[0].locks.size(), 100'000u);
}

TEST(lock_graph, says_when_edges_were_left_out) {
    lock_graph graph;
    segment_order order;
    nest(graph, order, 1, {1, 2, 3, 4, 5});
    nest(graph, order, 2, {5, 1});
    EXPECT_TRUE(graph.cyclic({}).complete);
    EXPECT_FALSE(graph.cyclic({}, 3).complete);
}

TEST(lock_graph, draws_each_edge_once_for_each_pair_of_modes) {
    lock_graph graph;
    segment_order order;
    nest(graph, order, 1, {1, 2});
    nest(graph, order, 2, {1, 2});
    bool complete = true;
    const std::vector<edge_count> drawn = graph.edges({}, 100, complete);
    ASSERT_EQ(drawn.size(), 1u);
    EXPECT_EQ(drawn[0].agents.size(), 2u);
    EXPECT_EQ(drawn[0].moments, 2u);
    EXPECT_TRUE(complete);
}

}  // namespace
}  // namespace interlock::graph
