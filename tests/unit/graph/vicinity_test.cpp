// What lies on cycles with the new, against the components of the whole graph.
#include "analysis/graph/vicinity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <tuple>
#include <vector>

namespace interlock::graph {
namespace {

resource lock(std::uint32_t id) { return {id, false}; }

dependency_index add(lock_graph& graph, segment_order& order, const std::vector<std::uint32_t>& held,
                     std::uint32_t wanted) {
    path_id path = path_id::empty;
    for (const std::uint32_t id : held) path = graph.paths().extend(path, {lock(id), 0, {}, false});
    return graph.add({format::agent_id{1}, path, lock(wanted), 0, {}, {}}, order.now(format::agent_id{1}));
}

using edges = std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>>;  // locks, dependency

/// The edges of components that have an edge of one of `some`.
edges of_some(const components& parts, const lock_graph& graph, const std::vector<dependency_index>& some) {
    edges made;
    for (const component& one : parts.all) {
        edges here;
        bool has = false;
        for (const std::vector<way>& ways : one.ways)
            for (const way& how : ways) {
                has = has || std::find(some.begin(), some.end(), how.dependency) != some.end();
                here.insert({graph.paths().innermost(how.step).what.id, graph.at(how.dependency).wanted.id,
                             lock_graph::number(how.dependency)});
            }
        if (has) made.merge(here);
    }
    return made;
}

TEST(vicinity, has_all_that_lies_on_cycles_with_the_new) {
    std::mt19937 random{11};
    std::size_t cyclic = 0;
    for (int program = 0; program < 300; ++program) {
        const auto locks = static_cast<std::uint32_t>(4 + random() % 20);
        lock_graph graph;
        segment_order order;
        vicinity near;
        for (int test = 0; test < 8; ++test) {
            std::vector<dependency_index> fresh;
            for (auto i = random() % 5; i < 5; ++i) {
                std::vector<std::uint32_t> nested;
                const auto depth = 2 + random() % 3;
                while (nested.size() < depth) {
                    const std::uint32_t id = 1 + static_cast<std::uint32_t>(random() % locks);
                    if (std::find(nested.begin(), nested.end(), id) == nested.end()) nested.push_back(id);
                }
                for (std::size_t n = 1; n < nested.size(); ++n)
                    fresh.push_back(add(graph, order, {nested.begin(), nested.begin() + static_cast<std::ptrdiff_t>(n)},
                                        nested[n]));
            }
            const std::vector<dependency_index> among = near.around(graph, fresh);
            EXPECT_TRUE(std::is_sorted(among.begin(), among.end()));
            const edges expected = of_some(graph.cyclic({}), graph, fresh);
            EXPECT_EQ(of_some(graph.cyclic({}, 1'000'000, among), graph, fresh), expected);
            cyclic += !expected.empty();
        }
    }
    EXPECT_GT(cyclic, 100u);
}

TEST(vicinity, is_empty_where_the_new_closes_nothing) {
    lock_graph graph;
    segment_order order;
    vicinity near;
    add(graph, order, {1}, 2);
    add(graph, order, {2}, 1);
    const dependency_index fresh[] = {add(graph, order, {2}, 3)};
    EXPECT_TRUE(near.around(graph, fresh).empty());
}

TEST(lock_graph, tells_what_was_seen_after_a_position) {
    lock_graph graph;
    segment_order order;
    graph.keep_seen();
    add(graph, order, {1}, 2);
    const std::uint64_t since = order.position();
    EXPECT_TRUE(graph.seen_after(since).empty());
    const dependency_index fresh = add(graph, order, {2}, 3);
    ASSERT_EQ(graph.seen_after(since).size(), 1u);
    EXPECT_EQ(graph.seen_after(since)[0].dependency, fresh);
    EXPECT_EQ(graph.seen_after(0).size(), 2u);
}

}  // namespace
}  // namespace interlock::graph
