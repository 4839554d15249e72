// The check that runs in the process against the analysis that runs afterwards: on random programs it speaks up at the very request at which the
// ladder of verdicts first says `potential`, and at no other.
#include "instrument/recorder/order_graph.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "analysis/detectors/lock_order_cycles.hpp"
#include "analysis/graph/dependency_feed.hpp"
#include "analysis/graph/order_steps.hpp"
#include "analysis/trace/trace.hpp"
#include "tests/support/trace_text.hpp"

namespace interlock::recorder {
namespace {

using findings::verdict;
using format::event_kind;

/// A program of a few threads and locks as the text of one of its runs. Joins are made with nothing held: joins as locks are left to analysis.
class random_program {
public:
    explicit random_program(std::uint32_t seed) : random_{seed} {
        threads_ = 2 + below(4);
        locks_ = 2 + below(4);
        alive_.assign(threads_ + 1, false);
        gone_ = barred_ = alive_;
        held_.resize(threads_ + 1);
        alive_[0] = true;
        text_ << "mutex A B C D E\nshared_mutex R S\n";
        const std::uint32_t steps = 60 + below(140);
        for (std::uint32_t i = 0; i < steps; ++i) step();
    }
    std::string text() const { return text_.str(); }

private:
    std::uint32_t below(std::uint32_t bound) {
        return std::uniform_int_distribution<std::uint32_t>{0, bound - 1}(random_);
    }
    static std::string name(std::uint32_t thread) { return thread == 0 ? "main" : "t" + std::to_string(thread); }
    void say(std::uint32_t thread, const std::string& what) { text_ << name(thread) << ": " << what << '\n'; }

    void step() {
        const std::uint32_t who = below(threads_ + 1);
        if (!alive_[who]) return create(who);
        if (barred_[who]) {
            barred_[who] = false;
            return say(who, "pass P");
        }
        const std::uint32_t what = below(20);
        if (what < 11) return lock(who);
        if (what < 16) return unlock(who);
        if (what < 17 && who != 0 && held_[who].empty() && open_[who].empty()) {
            say(who, "exit");
            alive_[who] = false;
            gone_[who] = true;
            ended_.insert(who);
            return;
        }
        order(who, what);
    }

    void create(std::uint32_t who) {
        if (gone_[who]) {
            const std::uint32_t joiner = below(threads_ + 1);
            if (joiner == who || !alive_[joiner] || barred_[joiner] || !held_[joiner].empty() || ended_.erase(who) == 0)
                return;
            return say(joiner, "join " + name(who));
        }
        const std::uint32_t creator = below(who);
        if (!alive_[creator] || barred_[creator]) return;
        say(creator, "create " + name(who));
        alive_[who] = true;
    }

    void lock(std::uint32_t who) {
        static const std::string names[] = {"A", "B", "C", "D", "R", "S"};
        const std::string& what = names[below(locks_ + 1)];
        if (held_[who].contains(what) || held_[who].size() == 3) return;
        const bool is_shared = (what == "R" || what == "S") && below(2) == 0;
        for (const auto& held : held_) {
            const auto it = held.find(what);
            if (it != held.end() && !(is_shared && it->second)) return;
        }
        const std::uint32_t how = below(12);
        held_[who][what] = is_shared;
        order_[who].push_back(what);
        say(who, (how == 0 ? "try " : "lock ") + what + (is_shared ? " shared" : "") + (how == 1 ? " timed" : ""));
    }

    void unlock(std::uint32_t who) {
        if (held_[who].empty()) return;
        const std::uint32_t at = below(4) == 0 ? below(static_cast<std::uint32_t>(order_[who].size()))
                                               : static_cast<std::uint32_t>(order_[who].size()) - 1;
        const std::string what = order_[who][at];
        order_[who].erase(order_[who].begin() + at);
        held_[who].erase(what);
        say(who, "unlock " + what);
    }

    /// Flags are begun with nothing held: who waits for one as for a lock is left to analysis.
    void initialise(std::uint32_t who) {
        std::vector<std::uint32_t>& open = open_[who];
        if (!open.empty() && below(2) == 0) {
            const bool done = below(4) != 0;
            say(who, (done ? "once_done O" : "once_abort O") + std::to_string(open.back()));
            flags_[open.back()] = done ? flag::done : flag::fresh;
            open.pop_back();
            return;
        }
        const std::uint32_t which = below(6);
        if (flags_[which] == flag::done) return say(who, "once_pass O" + std::to_string(which));
        if (flags_[which] == flag::running || !held_[who].empty()) return;
        flags_[which] = flag::running;
        open.push_back(which);
        say(who, "once_begin O" + std::to_string(which));
    }

    void order(std::uint32_t who, std::uint32_t what) {
        if (below(3) == 0) return initialise(who);
        switch (below(6)) {
            case 0: {
                const std::uint32_t other = below(threads_ + 1);
                if (other == who || !alive_[other] || barred_[other]) return;
                for (std::uint32_t i = 0; i <= threads_; ++i)
                    if (barred_[i]) return;  // one phase at a time
                say(who, "arrive P");
                say(other, "arrive P");
                say(who, "pass P");
                barred_[other] = true;
                return;
            }
            case 1:
                if (set_ && what % 2 == 0) return say(who, "event_pass V");
                set_ = true;
                return say(who, "set V");
            case 2:
                if (!set_) return;
                set_ = false;
                return say(who, "reset V");
            case 3:
                if (promised_) return say(who, "future_get F");
                promised_ = true;
                return say(who, "future_set F");
            case 4: return say(who, what % 2 == 0 ? "count_down L" : "latch_pass L");
            default:
                if (submitted_ && what % 2 == 0) return say(who, "task_wait K" + std::to_string(submitted_));
                say(who, "submit K" + std::to_string(++submitted_));
                return say(who, "task_finish K" + std::to_string(submitted_));
        }
    }

    enum class flag { fresh, running, done };

    std::mt19937 random_;
    std::map<std::uint32_t, std::vector<std::uint32_t>> open_;
    std::map<std::uint32_t, flag> flags_;
    std::uint32_t threads_ = 0;
    std::uint32_t locks_ = 0;
    std::vector<bool> alive_, gone_, barred_;
    std::set<std::uint32_t> ended_;
    std::vector<std::map<std::string, bool>> held_;
    std::map<std::uint32_t, std::vector<std::string>> order_;
    bool set_ = false;
    bool promised_ = false;
    std::uint32_t submitted_ = 0;
    std::ostringstream text_;
};

/// Where each of the two first spoke up: the number of the request.
struct comparison {
    std::optional<std::size_t> online;
    std::optional<std::size_t> offline;
    std::set<verdict> verdicts;  // of the whole run
};

template <typename IsGuardOnly>
order_request request_of(const graph::lock_graph& from, const graph::dependency& d, IsGuardOnly is_guard_only) {
    order_request made;
    made.agent = d.agent;
    made.wanted = format::object_id{d.wanted.id};
    made.wanted_shared = graph::is_shared(d.flags);
    for (graph::path_id at = d.held; at != graph::path_id::empty; at = from.paths().parent(at)) {
        const graph::hold& held = from.paths().innermost(at);
        if (graph::is_shared(held.flags)) made.held_shared |= 1u << made.held_count;
        if (is_guard_only(held.what.id)) made.guards_only |= 1u << made.held_count;
        made.held[made.held_count++] = format::object_id{held.what.id};
    }
    return made;
}

comparison compare(const std::string& text) {
    testing::log_builder_options options;
    options.level = format::log_level::order;
    const testing::text_log log = testing::make_log(text, options);
    trace::trace read;
    EXPECT_FALSE(read.adopt("random", log.image.bytes()));
    auto memory = std::make_unique<arena>();
    auto online = std::make_unique<order_graph>(*memory);
    graph::lock_graph graph;
    graph::segment_order order;
    graph::dependency_feed dependencies;
    detectors::ladder_sources sources;
    sources.graph = &graph;
    sources.order = &order;
    comparison made;
    std::size_t number = 0;
    const auto is_flag = [&](std::uint32_t object) {
        const auto it = std::find_if(log.objects.begin(), log.objects.end(),
                                     [&](const auto& one) { return format::number(one.second) == object; });
        return it != log.objects.end() && it->first.starts_with('O');
    };
    const auto see = [&](const trace::event& e) {
        graph::follow(order, e);
        online->step(e.agent, e.kind, e.object);
        const auto index = dependencies.feed(e, read.names(), order, graph);
        if (!index) return;
        ++number;
        const graph::dependency& d = graph.at(*index);
        order_cycle found;
        const bool blocks = (d.flags & (format::lock_flags::attempt | format::lock_flags::timed)) == 0;
        if (blocks && online->request(request_of(graph, d, is_flag), found) && !made.online) made.online = number;
        if (made.offline) return;
        for (const detectors::draft& one : detectors::find_lock_order_cycles(sources, {}).drafts) {
            made.verdicts.insert(one.verdict);
            if (one.verdict == verdict::potential) made.offline = number;
        }
    };
    EXPECT_FALSE(read.feed(
        [&](std::span<const trace::event> events) {
            for (const trace::event& e : events) see(e);
        },
        trace::expectation::nothing_more));
    EXPECT_TRUE(read.well_formed()) << text;
    EXPECT_FALSE(online->is_exhausted()) << text;
    return made;
}

TEST(order_graph, speaks_up_where_analysis_first_says_potential) {
    std::map<verdict, int> programs;
    int silent = 0;
    for (std::uint32_t seed = 0; seed < 10'000; ++seed) {
        const std::string text = random_program{seed}.text();
        const comparison both = compare(text);
        ASSERT_EQ(both.online, both.offline) << "seed " << seed << '\n' << text;
        for (const verdict one : both.verdicts) ++programs[one];
        silent += !both.offline && !both.verdicts.empty();
    }
    // Random programs must be of all these sorts for the comparison to mean something.
    EXPECT_GT(programs[verdict::potential], 1000);
    EXPECT_GT(silent, 1000);
    EXPECT_GT(programs[verdict::guarded], 100);
    EXPECT_GT(programs[verdict::ordered], 100);
    EXPECT_GT(programs[verdict::single_thread], 100);
    EXPECT_GT(programs[verdict::escapable], 100);
}

TEST(order_graph, knows_a_cycle_through_many_locks) {
    auto memory = std::make_unique<arena>();
    order_graph graph{*memory};
    order_cycle found;
    constexpr std::uint32_t locks = order_cycle::sides_max;
    for (std::uint32_t i = 1; i < locks; ++i) {
        order_request one;
        one.agent = format::agent_id{i};
        one.held[one.held_count++] = format::object_id{i};
        one.wanted = format::object_id{i + 1};
        EXPECT_FALSE(graph.request(one, found));
    }
    order_request last;
    last.agent = format::agent_id{locks};
    last.held[last.held_count++] = format::object_id{locks};
    last.wanted = format::object_id{1};
    EXPECT_TRUE(graph.request(last, found));
    EXPECT_EQ(found.size, locks);
    EXPECT_EQ(found.sides[0].kept, format::object_id{locks});
    EXPECT_FALSE(graph.request(last, found)) << "told once in a segment";
}

TEST(clock_store, agrees_with_maps) {
    auto memory = std::make_unique<arena>();
    clock_store store{*memory};
    std::mt19937 random{1};
    const auto below = [&](std::uint32_t bound) {
        return std::uniform_int_distribution<std::uint32_t>{0, bound - 1}(random);
    };
    std::vector<order_clock> clocks(8);
    std::vector<std::map<std::uint32_t, std::uint32_t>> naive(8);
    for (int i = 0; i < 20'000; ++i) {
        const std::uint32_t to = below(8), from = below(8);
        if (below(3) != 0) {
            const std::uint32_t agent = below(2) == 0 ? below(20) : below(100'000), segment = below(50);
            clocks[to] = store.raised(clocks[to], format::agent_id{agent}, segment);
            naive[to][agent] = std::max(naive[to][agent], segment);
        } else if (below(4) == 0) {
            clocks[to] = {};
            naive[to].clear();
        } else {
            clocks[to] = store.joined(clocks[to], clocks[from]);
            for (const auto& [agent, segment] : naive[from]) naive[to][agent] = std::max(naive[to][agent], segment);
        }
        const std::uint32_t agent = below(30);
        const auto known = naive[to].find(agent);
        ASSERT_EQ(clocks[to].at(format::agent_id{agent}), known == naive[to].end() ? 0 : known->second);
    }
    for (std::size_t i = 0; i < clocks.size(); ++i)
        for (const auto& [agent, segment] : naive[i]) ASSERT_EQ(clocks[i].at(format::agent_id{agent}), segment);
    EXPECT_FALSE(store.is_exhausted());
}

}  // namespace
}  // namespace interlock::recorder
