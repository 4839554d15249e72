// Clocks against plain arrays, and the order of segments against reachability over every step.
#include "analysis/graph/segment_order.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <vector>

namespace interlock::graph {
namespace {

using format::agent_id;
using format::event_kind;

TEST(clock, is_a_map_that_only_rises) {
    std::mt19937 random{7};
    std::array<clock, 5> clocks;
    std::array<std::map<std::uint32_t, std::uint32_t>, 5> naive;
    constexpr std::array<std::uint32_t, 8> agents = {0, 1, 15, 16, 255, 256, 70'000, 4'000'000'000};
    for (int round = 0; round < 20'000; ++round) {
        const std::size_t to = random() % clocks.size();
        if (random() % 3 == 0) {
            const std::size_t from = random() % clocks.size();
            bool changed = false;
            for (const auto& [agent, count] : naive[from]) {
                if (naive[to][agent] < count) {
                    naive[to][agent] = count;
                    changed = true;
                }
            }
            ASSERT_EQ(clocks[to].join(clocks[from]), changed) << round;
        } else if (random() % 50 == 0) {
            clocks[to] = clock{};
            naive[to].clear();
        } else {
            const std::uint32_t agent = agents[random() % agents.size()];
            const auto count = static_cast<std::uint32_t>(random() % 100);
            clocks[to].raise(agent, count);
            naive[to][agent] = std::max(naive[to][agent], count);
        }
        for (const std::uint32_t agent : agents) {
            const auto it = naive[to].find(agent);
            ASSERT_EQ(clocks[to].at(agent), it == naive[to].end() ? 0 : it->second) << round << " agent " << agent;
        }
    }
}

/// A graph of every request and step, and reachability in it: what before() must say.
class naive_order {
public:
    std::size_t add(std::size_t agent) {
        const std::size_t node = edges_.size();
        edges_.emplace_back();
        if (last_.contains(agent)) edges_[last_[agent]].push_back(node);
        last_[agent] = node;
        return node;
    }
    void link(std::size_t from, std::size_t to) { edges_[from].push_back(to); }
    bool reaches(std::size_t from, std::size_t to) const {
        std::vector<std::size_t> todo{from};
        std::vector<bool> seen(edges_.size());
        while (!todo.empty()) {
            const std::size_t at = todo.back();
            todo.pop_back();
            if (at == to) return true;
            if (seen[at]) continue;
            seen[at] = true;
            todo.insert(todo.end(), edges_[at].begin(), edges_[at].end());
        }
        return false;
    }

private:
    std::vector<std::vector<std::size_t>> edges_;
    std::map<std::size_t, std::size_t> last_;
};

TEST(segment_order, is_reachability_over_the_steps) {
    std::mt19937 random{11};
    for (int round = 0; round < 200; ++round) {
        segment_order order;
        naive_order naive;
        std::map<std::uint32_t, std::vector<std::size_t>> published;
        std::vector<std::pair<moment, std::size_t>> requests;
        for (int i = 0; i < 60; ++i) {
            const std::uint32_t agent = 1 + static_cast<std::uint32_t>(random() % 4);
            const std::uint32_t object = 1 + static_cast<std::uint32_t>(random() % 3);
            const std::size_t node = naive.add(agent);
            switch (random() % 4) {
                case 0:
                    order.publish(agent_id{agent}, event_kind::latch_count_down, object);
                    published[object].push_back(node);
                    break;
                case 1:
                    order.observe(agent_id{agent}, event_kind::latch_pass, object, event_kind::latch_count_down);
                    for (const std::size_t from : published[object]) naive.link(from, node);
                    break;
                default: requests.emplace_back(order.now(agent_id{agent}), node);
            }
        }
        for (const auto& [a, node_a] : requests) {
            for (const auto& [b, node_b] : requests) {
                ASSERT_EQ(order.before(a, b), naive.reaches(node_a, node_b)) << round;
                if (a.agent != b.agent && order.before(a, b)) {
                    EXPECT_EQ(order.evidence(a, b).kind, event_kind::latch_pass);
                }
            }
        }
    }
}

TEST(segment_order, finds_an_overlap_if_there_is_one) {
    std::mt19937 random{13};
    int with = 0;
    for (int round = 0; round < 500; ++round) {
        segment_order order;
        std::vector<std::vector<moment>> sides(3);
        for (int i = 0; i < 30; ++i) {
            const std::size_t at = random() % 3;
            const agent_id agent{static_cast<std::uint32_t>(at + 1)};
            switch (random() % 7) {
                case 0:
                case 1:
                case 2: order.publish(agent, event_kind::latch_count_down, 1); break;
                case 3:
                case 4:
                case 5: order.observe(agent, event_kind::latch_pass, 1, event_kind::latch_count_down); break;
                default: sides[at].push_back(order.now(agent));
            }
        }
        bool exists = false;
        for (const moment& a : sides[0]) {
            for (const moment& b : sides[1]) {
                for (const moment& c : sides[2]) {
                    exists = exists || (!order.before(a, b) && !order.before(b, a) && !order.before(a, c) &&
                                        !order.before(c, a) && !order.before(b, c) && !order.before(c, b));
                }
            }
        }
        const std::array<std::span<const moment>, 3> spans = {sides[0], sides[1], sides[2]};
        std::optional<order_evidence> last;
        const auto found = order.overlap(spans, last);
        ASSERT_EQ(found.has_value(), exists) << round;
        if (!found) continue;
        ++with;
        for (const moment& a : *found) {
            for (const moment& b : *found) {
                EXPECT_TRUE(a == b || !order.before(a, b));
            }
        }
    }
    EXPECT_GT(with, 50);
    EXPECT_LT(with, 450) << "both answers must be met";
}

TEST(segment_order, of_ten_thousand_short_threads_stays_small) {
    segment_order order;
    const agent_id parent{1};
    std::vector<moment> requests;
    for (std::uint32_t child = 2; child < 10'002; ++child) {
        order.publish(parent, event_kind::agent_create, child);
        order.observe(agent_id{child}, event_kind::agent_start, child, event_kind::agent_create);
        requests.push_back(order.now(agent_id{child}));
        order.publish(agent_id{child}, event_kind::agent_exit, child);
        order.observe(parent, event_kind::agent_join, child, event_kind::agent_exit);
    }
    EXPECT_TRUE(order.before(requests.front(), requests.back()));
    EXPECT_FALSE(order.before(requests.back(), requests.front()));
    EXPECT_EQ(order.evidence(requests.front(), requests.back()).kind, event_kind::agent_start);
}

TEST(segment_order, of_an_event_that_several_set_orders_nothing) {
    segment_order order;
    const agent_id a{1}, b{2}, c{3};
    const moment request = order.now(a);
    order.set(a, 9);
    order.pass_event(c, 9);
    EXPECT_TRUE(order.before(request, order.now(c)));
    segment_order other;
    const moment first = other.now(a);
    other.set(a, 9);
    other.set(b, 9);
    other.pass_event(c, 9);
    EXPECT_FALSE(other.before(first, other.now(c)));
}

}  // namespace
}  // namespace interlock::graph
