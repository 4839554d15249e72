// ThreadSanitizer's suppression files, applied to our findings.
#include "analysis/findings/suppressions.hpp"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace interlock::findings {
namespace {

report_data a_cycle() {
    report_data out;
    finding what;
    edge side;
    side.held_stack = {{"legacy::cache::put(int)", "src/cache.cpp", 3, "/usr/lib/libold.so.2", 16, false},
                       {"main", "main.cpp", 9, "/bin/app", 32, false}};
    side.wanted_stack = {{"index::find(int)", "src/index.cpp", 4, "/bin/app", 48, false}};
    what.edges = {side};
    lock one;
    one.name = "accounts[3].m";
    what.locks = {one};
    thread who;
    who.name = "worker-7";
    who.created_at = {{"spawn_workers()", "main.cpp", 20, "/bin/app", 64, false}};
    what.threads = {who};
    out.findings = {what};
    return out;
}

bool suppresses(const std::string& text, report_data data = a_cycle()) {
    suppressions all;
    EXPECT_EQ(all.add("file.supp", text), std::nullopt) << text;
    all.apply(data.findings[0]);
    EXPECT_EQ(all.unused().empty(), data.findings[0].suppressed) << text;
    return data.findings[0].suppressed;
}

TEST(suppressions, match_frames_by_function_file_and_module) {
    for (const char* line : {"deadlock:legacy::cache", "deadlock:cache.cpp", "deadlock:libold.so", "deadlock:main",
                             "deadlock:^main$", "deadlock:l*::*put", "deadlock:^index::find*", "deadlock:find(int)$",
                             "deadlock:*", "deadlock:", "lock:accounts[*].m", "lock:^accounts", "lock-order-cycle:main",
                             "called_from_lib:libold.so", "  deadlock:main  ", "# comment\r\n\r\ndeadlock:main\r\n"})
        EXPECT_TRUE(suppresses(line)) << line;
}

TEST(suppressions, do_not_match_what_is_something_else) {
    for (const char* line : {"deadlock:modern::cache", "deadlock:^cache", "deadlock:main.c$", "deadlock:^main.cp$",
                             "race:main", "race_top:main", "lock:^m$", "mutex:main", "thread:spawn_workers",
                             "signal:main", "self-deadlock:main", "race:spawn_workers", "deadlock:spawn_workers",
                             "lock-order-cycle:spawn_workers", "called_from_lib:libnew.so", "deadlock:put*cache::"})
        EXPECT_FALSE(suppresses(line)) << line;
}

TEST(suppressions, of_races_and_misuse_are_their_own) {
    report_data race = a_cycle();
    race.findings[0].kind = kind::data_race;
    EXPECT_TRUE(suppresses("race:main", race));
    EXPECT_FALSE(suppresses("race_top:main", race));
    EXPECT_TRUE(suppresses("race_top:index::find", race));
    EXPECT_FALSE(suppresses("deadlock:main", race));
    report_data misuse = a_cycle();
    misuse.findings[0].kind = kind::unlock_not_held;
    EXPECT_TRUE(suppresses("mutex:main", misuse));
    EXPECT_TRUE(suppresses("unlock-not-held:main", misuse));
    EXPECT_FALSE(suppresses("deadlock:main", misuse));
    EXPECT_FALSE(suppresses("thread:main", misuse));
    misuse.findings[0].kind = kind::held_at_thread_exit;
    EXPECT_TRUE(suppresses("thread:spawn_workers", misuse));
    misuse.findings[0].kind = kind::self_deadlock;
    EXPECT_TRUE(suppresses("mutex:main", misuse));
    EXPECT_TRUE(suppresses("deadlock:main", misuse));
    EXPECT_FALSE(suppresses("signal:main", misuse));
    misuse.findings[0].edges[0].in_handler = true;
    EXPECT_TRUE(suppresses("signal:main", misuse));
    EXPECT_FALSE(suppresses("signal:on_alarm", misuse));
}

/// As the table describes it.
report_data of_the_table(bool is_race) {
    const stack at = {{"touch", "X.c", 3, "/bin/X", 16, false}, {"work", "X.c", 9, "/bin/X", 32, false}};
    finding made;
    thread who;
    who.created_at = {{"launch", "X.c", 20, "/bin/X", 64, false}, {"main", "X.c", 30, "/bin/X", 80, false}};
    made.threads = {who, who};
    if (is_race) {
        made.kind = kind::data_race;
        made.variable = "memory";
        access side;
        side.stack = at;
        made.accesses = {side, side};
    } else {
        edge side;
        side.held_stack = side.wanted_stack = at;
        made.edges = {side, side};
    }
    report_data out;
    out.findings = {made};
    return out;
}

TEST(suppressions, look_at_the_frames_that_thread_sanitizer_looks_at) {
    std::ifstream table(ENTRY_TABLE);
    int rows = 0;
    for (std::string line; std::getline(table, line);) {
        if (line.starts_with('#')) continue;
        const std::size_t first = line.find('\t');
        const std::size_t second = line.find('\t', first + 1);
        ASSERT_NE(second, std::string::npos) << line;
        EXPECT_EQ(suppresses(line.substr(first + 1, second - first - 1), of_the_table(line.starts_with("race"))),
                  line.substr(second + 1) == "yes")
            << line;
        ++rows;
    }
    EXPECT_GE(rows, 30);
}

TEST(suppressions, of_races_match_the_variable_and_the_innermost_frame_alone) {
    report_data data;
    finding race;
    race.kind = kind::data_race;
    race.variable = "hits";
    access side;
    side.stack = {{"count()", "a.cpp", 3, "/bin/app", 1, false}, {"main", "a.cpp", 9, "/bin/app", 2, false}};
    race.accesses = {side, side};
    data.findings = {race};
    EXPECT_TRUE(suppresses("race:^hits$", data));
    EXPECT_TRUE(suppresses("race:main", data));
    EXPECT_TRUE(suppresses("race_top:count", data));
    EXPECT_FALSE(suppresses("race_top:main", data));
}

TEST(suppressions, tell_the_unused_with_their_place) {
    suppressions all;
    ASSERT_EQ(all.add("a.supp", "# head\ndeadlock:main\ndeadlock:nothing\natomicity:handler\n"), std::nullopt);
    report_data data = a_cycle();
    all.apply(data.findings[0]);
    EXPECT_EQ(all.unused(), std::vector<std::string>{"a.supp:3: deadlock:nothing"});
}

TEST(suppressions, hold_through_their_last_day_and_are_told_afterwards) {
    const std::string file = "# reason: goes away\n# expires: 2026-12-31\ndeadlock:main\n";
    for (const auto& [today, hides] :
         {std::pair("", true), std::pair("2026-12-31", true), std::pair("2027-01-01", false)}) {
        suppressions all(today);
        ASSERT_EQ(all.add("a.supp", file), std::nullopt);
        report_data data = a_cycle();
        all.apply(data.findings[0]);
        EXPECT_EQ(data.findings[0].suppressed, hides) << today;
        EXPECT_EQ(data.findings[0].suppressed_by, hides ? "a.supp:3: deadlock:main (goes away)" : "");
        EXPECT_EQ(all.expired().size(), hides ? 0U : 1U);
        EXPECT_TRUE(all.unused().empty());
    }
}

TEST(suppressions, refuse_a_bad_line_with_its_place) {
    for (const auto& [text, place] :
         {std::pair("deadlock:a\nnonsense", "f:2: not of the form type:pattern"),
          std::pair("leak:x", "f:1: unknown type"), std::pair("Deadlock:x", "f:1: unknown type"),
          std::pair("# expires: 2026-13-01\ndeadlock:x", "f:1: expires: needs a day"),
          std::pair("# expires: 2026-02-30\ndeadlock:x", "f:1: expires: needs a day"),
          std::pair("# expires: 2027-02-29\ndeadlock:x", "f:1: expires: needs a day"),
          std::pair("# expires: 2026-0x-01\ndeadlock:x", "f:1: expires: needs a day"),
          std::pair("deadlock : x", "f:1: unknown type")}) {
        suppressions all;
        const std::optional<std::string> failed = all.add("f", text);
        ASSERT_TRUE(failed) << text;
        EXPECT_TRUE(failed->starts_with(place)) << *failed;
    }
}

}  // namespace
}  // namespace interlock::findings
