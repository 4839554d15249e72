// The laws of joining runs, on random graphs, and cycles across runs against a search that tries everything.
#include "analysis/many_runs.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "analysis/across_runs.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/report/summary_file.hpp"

namespace interlock::analysis {
namespace {

using findings::lock_mode;
using findings::run_summary;
using dice = std::mt19937_64;

std::uint64_t roll(dice& of, std::uint64_t sides) { return of() % sides; }

std::string kind_name(std::size_t number) { return std::string(1, static_cast<char>('A' + number)); }

findings::edge_example example_of(const findings::kind_edge& key) {
    findings::edge_example made;
    made.held.id = 1;
    made.held.lock_class = key.held.word;
    made.held.type = "mutex";
    made.wanted.id = 2;
    made.wanted.lock_class = key.wanted.word;
    made.wanted.type = "mutex";
    made.who.id = 1;
    made.side.thread = 1;
    made.side.held = 1;
    made.side.wanted = 2;
    made.side.held_mode = key.held_mode;
    made.side.wanted_mode = key.wanted_mode;
    made.side.held_stack = {{key.held_function, "a.cpp", 1, "app", 1, false}};
    made.side.wanted_stack = {{key.wanted_function, "a.cpp", 2, "app", 2, false}};
    return made;
}

/// A lock of no class, made by one of three functions on behalf of one of three others.
findings::lock_kind born_somewhere(dice& of) {
    findings::lock_kind made{{}, "mutex", {}, false, {}};
    for (const char level : {'i', 'o'}) {
        const std::string function = {level, static_cast<char>('0' + roll(of, 3))};
        made.births.push_back({"app " + function, "app " + function + " a.cpp:1", function});
    }
    return made;
}

findings::kind_edge edge_between(std::size_t from, std::size_t to) {
    findings::kind_edge key;
    key.held = {"class " + kind_name(from), kind_name(from), kind_name(from), false, {}};
    key.wanted = {"class " + kind_name(to), kind_name(to), kind_name(to), false, {}};
    key.held_function = key.wanted_function = "f_" + kind_name(from) + kind_name(to);
    return key;
}

run_summary empty_run(std::uint64_t number) {
    run_summary made;
    findings::run_of_log run;
    run.id = "run" + std::to_string(number);
    run.log.path = run.id + ".ilk";
    run.log.program = "/bin/app";
    run.log.pid = number;
    made.runs.push_back(run);
    return made;
}

/// What a run of one log may show: a few edges and findings, some of them those of other runs.
run_summary random_run(dice& of, std::uint64_t number) {
    run_summary made = empty_run(number);
    for (std::uint64_t i = roll(of, 6); i > 0; --i) {
        findings::kind_edge key = edge_between(roll(of, 4), roll(of, 4));
        key.held_mode = roll(of, 4) == 0 ? lock_mode::shared : lock_mode::exclusive;
        key.timed = roll(of, 5) == 0;
        key.blocking = roll(of, 6) != 0;
        if (roll(of, 3) == 0) key.held = born_somewhere(of);
        if (roll(of, 3) == 0) key.wanted = born_somewhere(of);
        findings::edge_example example = example_of(key);
        example.held.address = number * 16;  // differs from run to run
        example.who.name = "worker " + std::to_string(number);
        made.edges.emplace(key, findings::edge_seen{example, {0}});
    }
    for (const char* function : {"app i0", "app i1", "app o0"})
        if (roll(of, 4) == 0) made.runs.front().hands_out.emplace_back(function);
    for (std::uint64_t i = roll(of, 4); i > 0; --i) {
        findings::finding_seen one;
        one.what.id = std::string(16, static_cast<char>('0' + roll(of, 5)));
        one.what.kind = findings::kind::unlock_not_held;
        one.what.verdict = static_cast<findings::verdict>(roll(of, findings::verdicts));
        one.what.message = "seen by " + std::to_string(number);
        one.what.stack = {{"f", "a.cpp", static_cast<std::uint32_t>(number), "app", 4, false}};
        one.what.stuck = roll(of, 2) == 0;
        one.occurred[0] = 1 + roll(of, 9);
        made.findings[findings::key_of(one.what)] = one;
    }
    return made;
}

std::string file_of(const run_summary& all) {
    std::string out;
    report::write_summary(all, "test", [&](std::string_view line) { out += line; });
    return out;
}

/// Joins them in some order and grouping.
run_summary joined(std::vector<run_summary> parts, dice& of) {
    std::shuffle(parts.begin(), parts.end(), of);
    while (parts.size() > 1) {
        const std::size_t at = roll(of, parts.size() - 1);
        join(parts[at], std::move(parts[at + 1]));
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    return parts.empty() ? run_summary{} : std::move(parts.front());
}

TEST(many_runs, join_to_the_same_summary_in_any_order_and_grouping) {
    dice of{20261121};
    for (int round = 0; round < 500; ++round) {
        std::vector<run_summary> runs;
        for (std::uint64_t i = 0, count = 1 + roll(of, 7); i < count; ++i) runs.push_back(random_run(of, i));
        const std::string expected = file_of(joined(runs, of));
        for (int again = 0; again < 3; ++again) ASSERT_EQ(file_of(joined(runs, of)), expected) << round;
        std::vector<run_summary> twice = runs;
        twice.insert(twice.end(), runs.begin(), runs.end());
        ASSERT_EQ(file_of(joined(twice, of)), expected) << "a run that is joined twice counts once; " << round;
    }
}

std::vector<std::string> kinds_of(const run_summary& all) {
    std::vector<std::string> made;
    for (const auto& [key, seen] : findings::edges_by_kind(all)) {
        std::set<std::string> runs;
        for (const std::uint32_t run : seen.runs) runs.insert(all.runs[run].id);
        std::string line = key.held.key + " => " + key.wanted.key + ':';
        for (const std::string& run : runs) line += ' ' + run;
        made.push_back(line + " as in " + all.runs[static_cast<std::uint32_t>(seen.example.side.log)].id);
    }
    return made;
}

TEST(many_runs, have_the_same_kinds_in_any_order_and_grouping) {
    dice of{17};
    for (int round = 0; round < 300; ++round) {
        std::vector<run_summary> runs;
        for (std::uint64_t i = 0, count = 1 + roll(of, 7); i < count; ++i) runs.push_back(random_run(of, i));
        const std::vector<std::string> expected = kinds_of(joined(runs, of));
        for (int again = 0; again < 3; ++again) ASSERT_EQ(kinds_of(joined(runs, of)), expected) << round;
    }
}

TEST(many_runs, tell_a_kind_by_who_made_it_and_not_by_who_hands_it_out) {
    const findings::lock_kind of_o1{
        {}, "mutex", {}, false, {{"app i0", "app i0 a.cpp:1", "i0"}, {"app o1", "app o1 a.cpp:9", "o1"}}};
    findings::kind_edge key = edge_between(0, 1);
    key.wanted = of_o1;
    run_summary one = empty_run(1);
    one.edges.emplace(key, findings::edge_seen{example_of(key), {0}});
    const auto wanted = [](const run_summary& all) { return findings::edges_by_kind(all).begin()->first.wanted; };
    EXPECT_EQ(wanted(one).key, "place mutex app i0 a.cpp:1");
    EXPECT_EQ(wanted(one).word, "mutex of i0");
    run_summary other = empty_run(2);
    other.runs.front().hands_out = {"app i0"};
    join(one, other);
    EXPECT_EQ(wanted(one).key, "place mutex app o1 a.cpp:9") << "what one run shows holds for all";
    other = empty_run(3);
    other.runs.front().hands_out = {"app o1"};
    EXPECT_TRUE(report_of(one).logs.front().blind_spots.empty());
    join(one, other);
    EXPECT_EQ(wanted(one).key, "");
    EXPECT_EQ(wanted(one).births.size(), 2U);
    const findings::report_data told = report_of(one);
    EXPECT_EQ(told.logs[0].blind_spots.size(), 1U) << "what is not compared is said";
    EXPECT_TRUE(told.logs[1].blind_spots.empty());
}

TEST(many_runs, read_back_are_what_was_written) {
    dice of{7};
    for (int round = 0; round < 200; ++round) {
        std::vector<run_summary> runs;
        for (std::uint64_t i = 0, count = 1 + roll(of, 5); i < count; ++i) runs.push_back(random_run(of, i));
        const std::string file = file_of(joined(runs, of));
        run_summary back;
        ASSERT_EQ(report::read_summary("f", file, back), std::nullopt) << file;
        ASSERT_EQ(file_of(back), file);
    }
}

TEST(many_runs, read_any_cut_or_changed_file_without_harm) {
    dice of{11};
    std::vector<run_summary> runs;
    for (std::uint64_t i = 0; i < 4; ++i) runs.push_back(random_run(of, i));
    const std::string file = file_of(joined(runs, of));
    for (int round = 0; round < 2000; ++round) {
        std::string bad = file.substr(0, roll(of, file.size()));
        if (!bad.empty() && roll(of, 2) == 0) bad = file;
        for (std::uint64_t i = roll(of, 4); i > 0 && !bad.empty(); --i)
            bad[roll(of, bad.size())] = static_cast<char>(of());
        run_summary back;
        if (const auto failed = report::read_summary("f", bad, back)) {
            EXPECT_TRUE(failed->starts_with("f:")) << *failed;
            EXPECT_EQ(failed->find('\n'), std::string::npos) << *failed;
        } else {
            EXPECT_FALSE(file_of(back).empty());
        }
    }
}

/// The cycles of kinds, each from its least node, of which no run has all links.
std::set<std::string> cycles_by_trying(const std::vector<std::set<std::pair<std::size_t, std::size_t>>>& runs,
                                       std::size_t nodes) {
    std::set<std::string> found;
    std::vector<std::size_t> walk;
    const auto is_link = [&](std::size_t a, std::size_t b) {
        return a != b && std::any_of(runs.begin(), runs.end(), [&](const auto& run) { return run.contains({a, b}); });
    };
    const auto has_all = [&](const auto& run) {
        for (std::size_t i = 0; i < walk.size(); ++i)
            if (!run.contains({walk[i], walk[(i + 1) % walk.size()]})) return false;
        return true;
    };
    const auto extend = [&](const auto& self) -> void {
        if (walk.size() > 1 && is_link(walk.back(), walk.front()) && std::none_of(runs.begin(), runs.end(), has_all)) {
            std::string text;
            for (const std::size_t node : walk) text += kind_name(node);
            found.insert(text);
        }
        for (std::size_t next = walk.front() + 1; next < nodes; ++next) {
            if (std::find(walk.begin(), walk.end(), next) != walk.end() || !is_link(walk.back(), next)) continue;
            walk.push_back(next);
            self(self);
            walk.pop_back();
        }
    };
    for (std::size_t first = 0; first < nodes; ++first) {
        walk = {first};
        extend(extend);
    }
    return found;
}

TEST(across_runs, finds_what_trying_everything_finds) {
    constexpr std::size_t nodes = 5;
    dice of{42};
    std::size_t total = 0;
    for (int round = 0; round < 1000; ++round) {
        std::vector<std::set<std::pair<std::size_t, std::size_t>>> links(1 + roll(of, 4));
        run_summary all;
        for (std::size_t i = 0; i < links.size(); ++i) {
            run_summary run = empty_run(i);
            for (std::uint64_t n = roll(of, 8); n > 0; --n) {
                const std::size_t from = roll(of, nodes);
                const std::size_t to = roll(of, nodes);
                links[i].insert({from, to});
                const findings::kind_edge key = edge_between(from, to);
                run.edges.emplace(key, findings::edge_seen{example_of(key), {0}});
            }
            join(all, std::move(run));
        }
        std::set<std::string> found;
        std::uint64_t not_listed = 0;
        for (const findings::finding& one : across_runs(all, not_listed)) {
            EXPECT_EQ(one.verdict, findings::verdict::across_runs);
            std::string text;
            for (const findings::edge& side : one.edges)
                for (const findings::lock& each : one.locks)
                    if (each.id == side.held) text += each.lock_class;
            std::rotate(text.begin(), std::min_element(text.begin(), text.end()), text.end());
            EXPECT_TRUE(found.insert(text).second) << text;
        }
        EXPECT_EQ(not_listed, 0U);
        ASSERT_EQ(found, cycles_by_trying(links, nodes)) << round;
        total += found.size();
    }
    EXPECT_GT(total, 500U);
}

/// Two runs, one edge each way between A and B, changed by `change`.
template <typename Change>
std::vector<findings::finding> crossed(Change&& change) {
    run_summary all;
    for (std::uint64_t i = 0; i < 2; ++i) {
        run_summary run = empty_run(i);
        findings::kind_edge key = edge_between(i, 1 - i);
        findings::edge_example example = example_of(key);
        change(i, key, example);
        run.edges.emplace(key, findings::edge_seen{example, {0}});
        join(all, std::move(run));
    }
    std::uint64_t not_listed = 0;
    return across_runs(all, not_listed);
}

TEST(across_runs, are_lowered_by_a_guard_of_which_there_is_one_and_by_time_outs) {
    const auto guarded = [](lock_mode first, lock_mode second) {
        return crossed([&](std::uint64_t i, findings::kind_edge& key, findings::edge_example& example) {
            key.guards = {{"variable app gate", i == 0 ? first : second}};
            findings::lock gate;
            gate.id = 9;
            gate.name = "gate";
            example.guards = {gate};
        });
    };
    const auto one = guarded(lock_mode::exclusive, lock_mode::shared);
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].verdict, findings::verdict::guarded);
    EXPECT_EQ(one[0].severity, findings::severity::note);
    EXPECT_EQ(one[0].edges[0].guards.size(), 1U);
    EXPECT_EQ(guarded(lock_mode::shared, lock_mode::shared).at(0).verdict, findings::verdict::across_runs);
    const auto timed = crossed([](std::uint64_t i, findings::kind_edge& key, auto&) { key.timed = i == 1; });
    ASSERT_EQ(timed.size(), 1U);
    EXPECT_EQ(timed[0].verdict, findings::verdict::escapable);
}

TEST(across_runs, need_requests_that_block_and_modes_that_conflict) {
    const auto none = [](std::uint64_t, findings::kind_edge&, auto&) {};
    EXPECT_EQ(crossed(none).size(), 1U);
    EXPECT_TRUE(crossed([](std::uint64_t, findings::kind_edge& key, auto&) { key.blocking = false; }).empty());
    const auto shared = [](std::uint64_t, findings::kind_edge& key, auto&) {
        key.held_mode = key.wanted_mode = lock_mode::shared;
    };
    EXPECT_TRUE(crossed(shared).empty());
    const auto writer = [](std::uint64_t i, findings::kind_edge& key, auto&) {
        key.held_mode = lock_mode::shared;
        key.wanted_mode = i == 0 ? lock_mode::shared : lock_mode::exclusive;
    };
    EXPECT_TRUE(crossed(writer).empty()) << "one side's shared request meets a shared hold";
}

TEST(across_runs, of_a_kind_with_itself_are_none_unless_an_order_inside_is_declared) {
    const auto inside = [](const std::string& first, const std::string& second) {
        return crossed([&](std::uint64_t i, findings::kind_edge& key, auto&) {
            key.held.key = i == 0 ? first : second;
            key.wanted.key = i == 0 ? second : first;
        });
    };
    EXPECT_TRUE(inside("class tree", "class tree").empty());
    EXPECT_EQ(inside("class tree/1", "class tree/2").size(), 1U);
}

}  // namespace
}  // namespace interlock::analysis
