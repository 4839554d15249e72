// Reduction of the AND/OR wait-for graph, against one that takes nodes away one by one for as long as it can.
#include "analysis/graph/wait_for.hpp"

#include <random>

#include <gtest/gtest.h>

namespace interlock::graph {
namespace {

using node = wait_for_graph::node;

TEST(wait_for, leaves_a_cycle_and_who_waits_for_it) {
    wait_for_graph graph;
    for (int i = 0; i < 4; ++i) graph.add();
    graph.needs_all(0, {1});
    graph.needs_all(1, {0});
    graph.needs_all(2, {0, 3});
    EXPECT_EQ(graph.stuck(), (std::vector<bool>{true, true, true, false}));
}

TEST(wait_for, takes_away_a_cycle_with_a_way_out) {
    wait_for_graph graph;
    for (int i = 0; i < 3; ++i) graph.add();
    graph.needs_any(0, {1, 2});
    graph.needs_all(1, {0});
    EXPECT_EQ(graph.stuck(), (std::vector<bool>{false, false, false}));
}

TEST(wait_for, leaves_who_needs_any_of_nobody_and_not_who_needs_all_of_nobody) {
    wait_for_graph graph;
    graph.add();
    graph.add();
    graph.needs_any(0, {});
    graph.needs_all(1, {});
    EXPECT_EQ(graph.stuck(), (std::vector<bool>{true, false}));
}

TEST(wait_for, leaves_who_needs_itself) {
    wait_for_graph graph;
    graph.add();
    graph.needs_all(0, {0});
    EXPECT_EQ(graph.stuck(), std::vector<bool>{true});
}

struct need {
    bool waits = false;
    bool any = false;
    std::vector<node> of;
};

std::vector<bool> naive(const std::vector<need>& needs) {
    std::vector<bool> stuck(needs.size(), true);
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < needs.size(); ++i) {
            if (!stuck[i]) continue;
            std::size_t gone = 0;
            for (const node one : needs[i].of) gone += !stuck[one];
            const bool goes = !needs[i].waits || (needs[i].any ? gone != 0 : gone == needs[i].of.size());
            if (goes) stuck[i] = false, changed = true;
        }
    }
    return stuck;
}

TEST(wait_for, agrees_with_a_naive_reduction_on_random_graphs) {
    std::mt19937 random(4);
    const auto below = [&](std::size_t n) { return random() % n; };
    for (int round = 0; round < 2000; ++round) {
        std::vector<need> needs(1 + below(9));
        wait_for_graph graph;
        for (std::size_t i = 0; i < needs.size(); ++i) graph.add();
        for (std::size_t i = 0; i < needs.size(); ++i) {
            needs[i].waits = below(6) != 0;
            needs[i].any = below(2) != 0;
            for (std::size_t k = needs[i].waits ? below(4) : 0; k != 0; --k)
                needs[i].of.push_back(static_cast<node>(below(needs.size())));
            if (!needs[i].waits) continue;
            if (needs[i].any)
                graph.needs_any(static_cast<node>(i), needs[i].of);
            else
                graph.needs_all(static_cast<node>(i), needs[i].of);
        }
        ASSERT_EQ(graph.stuck(), naive(needs)) << "round " << round;
    }
}

}  // namespace
}  // namespace interlock::graph
