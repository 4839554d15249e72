// Clocks against plain arrays, and the order of segments against reachability over every step.
#include "analysis/graph/segment_order.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>
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

TEST(clock, tells_what_it_has_beyond_another) {
    std::mt19937 random{5};
    for (int round = 0; round < 2000; ++round) {
        clock base;
        std::map<std::uint32_t, std::uint32_t> naive;
        const auto agent = [&] { return static_cast<std::uint32_t>(random() % 3 == 0 ? random() : random() % 40); };
        for (std::size_t i = random() % 20; i != 0; --i) {
            const std::uint32_t one = agent();
            naive[one] = std::max(naive[one], 5U);
            base.raise(one, 5);
        }
        clock all = random() % 4 == 0 ? clock{} : base;
        std::map<std::uint32_t, std::uint32_t> beyond;
        for (std::size_t i = random() % 20; i != 0; --i) {
            const std::uint32_t one = agent();
            all.raise(one, 7);
            beyond[one] = 7;
            naive.try_emplace(one, 0);
        }
        const clock news = all.beyond(base);
        ASSERT_EQ(news.empty(), beyond.empty()) << round;
        for (const auto& [one, count] : naive)
            ASSERT_EQ(news.at(one), beyond.contains(one) ? 7U : 0U) << round << " agent " << one;
    }
}

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

/// Agents that create and join each other, and once flags: what each knows, as plain sets of what is known of whom and how.
class naive_agents {
public:
    struct known {
        std::map<std::uint32_t, std::size_t> up_to;  // of an agent: everything before this step of its own
        std::set<std::size_t> alone;                 // requests made inside an initialiser
        void add(const known& other) {
            for (const auto& [agent, step] : other.up_to) up_to[agent] = std::max(up_to[agent], step);
            alone.insert(other.alone.begin(), other.alone.end());
        }
    };
    struct request {
        std::uint32_t agent = 0;
        std::size_t step = 0;
        known past;
    };

    std::size_t ask(std::uint32_t agent) {
        requests_.push_back({agent, ++steps_, past_[agent]});
        last_[agent] = steps_;
        return requests_.size() - 1;
    }
    void publish(std::uint32_t agent, std::uint32_t object) {
        known all = past_[agent];
        if (last_.contains(agent)) all.up_to[agent] = last_[agent] + 1;
        published_[object].add(all);
    }
    void observe(std::uint32_t agent, std::uint32_t object) { past_[agent].add(published_[object]); }

    bool is_done(std::uint32_t once) const { return done_.contains(once); }
    bool is_running(std::uint32_t agent) const {
        const auto it = open_.find(agent);
        return it != open_.end() && !it->second.empty();
    }
    std::uint32_t innermost(std::uint32_t agent) const { return open_.at(agent).back().once; }
    void begin(std::uint32_t agent, std::uint32_t once) { open_[agent].push_back({once, ++steps_, past_[agent]}); }
    void end(std::uint32_t agent, bool done) {
        const run ended = open_[agent].back();
        open_[agent].pop_back();
        known news;
        for (std::size_t i = 0; i < requests_.size(); ++i)
            if (requests_[i].agent == agent && requests_[i].step > ended.step) news.alone.insert(i);
        if (is_running(agent)) past_[agent].add(news);
        for (const auto& [other, step] : past_[agent].up_to) {
            const auto it = ended.before.up_to.find(other);
            if (other != agent && (it == ended.before.up_to.end() || it->second < step)) news.up_to[other] = step;
        }
        for (const std::size_t one : past_[agent].alone)
            if (!ended.before.alone.contains(one)) news.alone.insert(one);
        if (done) done_[ended.once] = news;
    }
    void pass(std::uint32_t agent, std::uint32_t once) {
        if (is_done(once)) past_[agent].add(done_.at(once));
    }

    bool before(std::size_t a, std::size_t b) const {
        const request& one = requests_[a];
        const request& other = requests_[b];
        if (one.agent == other.agent) return one.step <= other.step;
        const auto it = other.past.up_to.find(one.agent);
        return (it != other.past.up_to.end() && one.step < it->second) || other.past.alone.contains(a);
    }

private:
    struct run {
        std::uint32_t once = 0;
        std::size_t step = 0;
        known before;
    };
    std::size_t steps_ = 0;
    std::vector<request> requests_;
    std::map<std::uint32_t, std::size_t> last_;  // request of each agent
    std::map<std::uint32_t, known> past_;
    std::map<std::uint32_t, known> published_;
    std::map<std::uint32_t, std::vector<run>> open_;
    std::map<std::uint32_t, known> done_;
};

TEST(segment_order, of_a_once_flag_is_what_was_done_and_learnt_inside) {
    std::mt19937 random{17};
    const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    std::size_t by_a_pass = 0;
    std::size_t not_transitive = 0;
    for (int round = 0; round < 400; ++round) {
        segment_order order;
        naive_agents naive;
        std::vector<moment> requests;
        for (int i = 0; i < 80; ++i) {
            const std::uint32_t who = 1 + below(4);
            const agent_id agent{who};
            const std::uint32_t object = 1 + below(3);
            switch (below(9)) {
                case 0:
                    order.publish(agent, event_kind::latch_count_down, object);
                    naive.publish(who, object);
                    break;
                case 1:
                    order.observe(agent, event_kind::latch_pass, object, event_kind::latch_count_down);
                    naive.observe(who, object);
                    break;
                case 2:
                    if (naive.is_done(10 + object)) break;
                    order.begin_initialiser(agent, 10 + object);
                    naive.begin(who, 10 + object);
                    break;
                case 3:
                case 4: {
                    if (!naive.is_running(who)) break;
                    const bool done = below(4) != 0 && !naive.is_done(naive.innermost(who));
                    order.end_initialiser(agent, naive.innermost(who), done);
                    naive.end(who, done);
                    break;
                }
                case 5:
                    order.pass_once(agent, 10 + object);
                    naive.pass(who, 10 + object);
                    break;
                default: requests.push_back(order.now(agent)); naive.ask(who);
            }
        }
        for (std::size_t a = 0; a < requests.size(); ++a) {
            for (std::size_t b = 0; b < requests.size(); ++b) {
                const bool is_before = order.before(requests[a], requests[b]);
                ASSERT_EQ(is_before, naive.before(a, b)) << round << ' ' << a << ' ' << b;
                if (!is_before) continue;
                if (requests[a].agent != requests[b].agent)
                    by_a_pass += order.evidence(requests[a], requests[b]).kind == event_kind::once_pass;
                const bool is_extended = order.is_extended(requests[a], requests[b]);
                for (std::size_t c = 0; c < requests.size(); ++c) {
                    if (!order.before(requests[c], requests[a]) || order.before(requests[c], requests[b])) continue;
                    ++not_transitive;
                    ASSERT_FALSE(is_extended) << round << ' ' << c << ' ' << a << ' ' << b;
                }
            }
        }
    }
    EXPECT_GT(by_a_pass, 1000U);
    EXPECT_GT(not_transitive, 100U);
}

TEST(segment_order, of_a_once_flag_leaves_out_what_its_caller_had_done) {
    segment_order order;
    const agent_id caller{1}, child{2}, other{3};
    const moment called = order.now(caller);
    order.begin_initialiser(caller, 9);
    const moment inside = order.now(caller);
    order.publish(caller, event_kind::agent_create, 2);
    order.observe(child, event_kind::agent_start, 2, event_kind::agent_create);
    const moment of_child = order.now(child);
    order.publish(child, event_kind::agent_exit, 2);
    order.observe(caller, event_kind::agent_join, 2, event_kind::agent_exit);
    order.end_initialiser(caller, 9, true);
    const moment returned = order.now(caller);
    order.pass_once(other, 9);
    const moment passed = order.now(other);
    EXPECT_TRUE(order.before(inside, passed));
    EXPECT_TRUE(order.before(of_child, passed)) << "joined inside";
    EXPECT_FALSE(order.before(called, passed)) << "although the child knew of it";
    EXPECT_FALSE(order.before(returned, passed));
    EXPECT_TRUE(order.before(called, of_child));
}

TEST(segment_order, of_an_initialiser_that_was_left_is_known_to_nobody) {
    segment_order order;
    const agent_id first{1}, second{2}, third{3};
    order.begin_initialiser(first, 9);
    const moment left = order.now(first);
    order.end_initialiser(first, 9, false);
    order.begin_initialiser(second, 9);
    const moment inside = order.now(second);
    order.end_initialiser(second, 9, true);
    order.pass_once(third, 9);
    const moment passed = order.now(third);
    EXPECT_FALSE(order.before(left, passed));
    EXPECT_TRUE(order.before(inside, passed));
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
